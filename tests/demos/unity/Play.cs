// Test only: plays the sample scene with an avatar, and at the gesture "dump" prints where everything is; "quit" ends it.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using Bodycast.Samples;
using UnityEngine;

namespace Bodycast.Tests
{
    internal static class Play
    {
        private static readonly Dictionary<HumanBodyBones, Transform> Bones = new Dictionary<HumanBodyBones, Transform>();
        private static Transform _avatar;
        private static GameObject _main;
        private static bool _dump, _quit;

        private static void Main(string[] arguments)
        {
            Thread.CurrentThread.CurrentCulture = CultureInfo.InvariantCulture;
            _main = new GameObject("Main");
            var receiver = _main.AddComponent<BodycastReceiver>();
            receiver.port = 0;
            receiver.patience = 5;
            var animator = MakeAvatar();
            _main.AddComponent<SampleScene>().avatar = animator;
            AddTrigger(receiver);
            receiver.onGesture.AddListener(gesture => { _dump |= gesture.Name == "dump"; _quit |= gesture.Name == "quit"; });
            Print("bind");
            Scene.Step(0);
            Scene.Step(0);
            animator.GetComponent<HumanoidRetargeting>().mirror = Array.IndexOf(arguments, "mirror") >= 0;
            Console.WriteLine("listening " + receiver.ListeningPort);
            Run();
        }

        private static void Run()
        {
            var clock = Stopwatch.StartNew();
            while (!_quit)
            {
                Scene.Step((float)clock.Elapsed.TotalSeconds);
                if (_dump) Print("bone");
                if (_dump) PrintView();
                _dump = false;
                Thread.Sleep(5);
            }
        }

        private static void AddTrigger(BodycastReceiver receiver)
        {
            var trigger = new GameObject("Trigger").AddComponent<GestureTrigger>();
            trigger.receiver = receiver;
            trigger.gesture = "wave";
            trigger.onStarted.AddListener(() => Console.WriteLine("trigger started"));
            trigger.onEnded.AddListener(() => Console.WriteLine("trigger ended"));
            trigger.onProgress.AddListener(progress => Console.WriteLine("trigger progress {0:F3}", progress));
        }

        /// <summary>A T-pose that faces +Z, with long legs and short arms, turned and placed, its bones' axes anyhow.</summary>
        private static Animator MakeAvatar()
        {
            _avatar = new GameObject("Avatar").transform;
            _avatar.position = new Vector3(2, 0, 1);
            _avatar.rotation = Quaternion.Euler(0, 30, 0);
            Add(HumanBodyBones.Hips, _avatar, 0, 1.1f, 0);
            Add(HumanBodyBones.Spine, Bones[HumanBodyBones.Hips], 0, 1.3f, 0);
            Add(HumanBodyBones.Chest, Bones[HumanBodyBones.Spine], 0, 1.45f, 0);
            Add(HumanBodyBones.Neck, Bones[HumanBodyBones.Chest], 0, 1.62f, 0);
            Add(HumanBodyBones.Head, Bones[HumanBodyBones.Neck], 0, 1.72f, 0);
            AddSide(HumanBodyBones.LeftUpperArm, HumanBodyBones.LeftLowerArm, HumanBodyBones.LeftHand,
                HumanBodyBones.LeftUpperLeg, HumanBodyBones.LeftLowerLeg, HumanBodyBones.LeftFoot, HumanBodyBones.LeftToes, -1);
            AddSide(HumanBodyBones.RightUpperArm, HumanBodyBones.RightLowerArm, HumanBodyBones.RightHand,
                HumanBodyBones.RightUpperLeg, HumanBodyBones.RightLowerLeg, HumanBodyBones.RightFoot, HumanBodyBones.RightToes, 1);
            var animator = _avatar.gameObject.AddComponent<Animator>();
            foreach (var bone in Bones) animator.Bones[bone.Key] = bone.Value;
            return animator;
        }

        private static void AddSide(HumanBodyBones upperArm, HumanBodyBones lowerArm, HumanBodyBones hand, HumanBodyBones upperLeg,
            HumanBodyBones lowerLeg, HumanBodyBones foot, HumanBodyBones toes, float x)
        {
            Add(upperArm, Bones[HumanBodyBones.Chest], 0.17f * x, 1.55f, 0);
            Add(lowerArm, Bones[upperArm], 0.4f * x, 1.55f, 0);
            Add(hand, Bones[lowerArm], 0.6f * x, 1.55f, 0);
            Add(upperLeg, Bones[HumanBodyBones.Hips], 0.1f * x, 1.05f, 0);
            Add(lowerLeg, Bones[upperLeg], 0.1f * x, 0.55f, 0);
            Add(foot, Bones[lowerLeg], 0.1f * x, 0.08f, 0);
            Add(toes, Bones[foot], 0.1f * x, 0.02f, 0.15f);
        }

        private static void Add(HumanBodyBones bone, Transform parent, float x, float y, float z)
        {
            Transform made = Bones[bone] = new GameObject(bone.ToString()).transform;
            made.SetParent(parent, false);
            made.position = _avatar.TransformPoint(new Vector3(x, y, z));
            made.rotation = Quaternion.Euler(17 * (int)bone, 31 * (int)bone, 53 * (int)bone);
        }

        private static void Print(string what)
        {
            foreach (var bone in Bones)
            {
                Vector3 p = _avatar.InverseTransformPoint(bone.Value.position);
                Quaternion q = Quaternion.Inverse(_avatar.rotation) * bone.Value.rotation;
                Console.WriteLine("{0} {1} {2:F6} {3:F6} {4:F6} {5:F6} {6:F6} {7:F6} {8:F6}", what, bone.Key, p.x, p.y, p.z, q.x, q.y, q.z, q.w);
            }
        }

        private static void PrintView()
        {
            foreach (Transform figure in _main.transform.Children)
                foreach (Transform part in figure.Children)
                {
                    Vector3 p = part.position, end = part.position + part.rotation * (part.localScale.y * Vector3.up);
                    Console.WriteLine("view {0}|{1}|{2:F6} {3:F6} {4:F6} {5:F6} {6:F6} {7:F6} {8:F6}|{9}", figure.gameObject.name, part.gameObject.name,
                        p.x, p.y, p.z, end.x, end.y, end.z, part.localScale.x, part.gameObject.activeSelf);
                }
            foreach (string label in GUILayout.Labels) Console.WriteLine("label " + label);
            Console.WriteLine("dumped");
        }
    }
}

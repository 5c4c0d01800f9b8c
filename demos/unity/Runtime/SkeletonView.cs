using System.Collections.Generic;
using UnityEngine;

namespace Bodycast
{
    /// <summary>Draws everyone whom a receiver sees below this object: joints as balls, bones as sticks, a colour for each slot.
    /// Joints that are only guessed are smaller, those not tracked are hidden; a closed hand is small, an open one large.</summary>
    [AddComponentMenu("Bodycast/Skeleton View")]
    public sealed class SkeletonView : MonoBehaviour
    {
        private const float JointSize = 0.08f; // metres, across
        private const float BoneSize = 0.05f;
        private const float Guessed = 0.6f;
        private static readonly float[] HandSizes = { 1f, 1f, 1.8f, 0.8f, 1.3f }; // by HandState
        private static readonly Color[] Colors =
        {
            new Color(0.31f, 0.76f, 0.97f), new Color(1f, 0.72f, 0.3f), new Color(0.51f, 0.78f, 0.52f),
            new Color(0.9f, 0.45f, 0.45f), new Color(0.73f, 0.41f, 0.78f), new Color(1f, 0.95f, 0.46f),
        };

        [Tooltip("The receiver; that on this object, or the first one in the scene, if it is left empty.")]
        public BodycastReceiver receiver;

        [Tooltip("Exchange left and right, so that people see themselves as in a mirror.")]
        public bool mirror = true;

        private sealed class Figure
        {
            public GameObject Root;
            public readonly Transform[] Joints = new Transform[Skeleton.JointCount];
            public readonly Transform[] Bones = new Transform[Skeleton.JointCount];
        }

        private readonly Dictionary<ulong, Figure> _figures = new Dictionary<ulong, Figure>();

        private void OnEnable()
        {
            if (receiver == null) receiver = GetComponent<BodycastReceiver>();
            if (receiver == null) receiver = FindObjectOfType<BodycastReceiver>();
            if (receiver == null)
            {
                Debug.LogWarning("Bodycast: there is no BodycastReceiver in the scene.", this);
                return;
            }
            receiver.onBodyUpdated.AddListener(OnBodyUpdated);
            receiver.onBodyLeft.AddListener(OnBodyLeft);
        }

        private void OnDisable()
        {
            if (receiver != null)
            {
                receiver.onBodyUpdated.RemoveListener(OnBodyUpdated);
                receiver.onBodyLeft.RemoveListener(OnBodyLeft);
            }
            foreach (Figure figure in _figures.Values) Destroy(figure.Root);
            _figures.Clear();
        }

        private void OnBodyUpdated(Body body)
        {
            Figure figure;
            if (!_figures.TryGetValue(body.TrackingId, out figure)) _figures[body.TrackingId] = figure = MakeFigure(body);
            for (int j = 0; j < Skeleton.JointCount; j++)
            {
                int parent = (int)Skeleton.Parent[j];
                bool seen = body.States[j] != TrackingState.NotTracked;
                figure.Joints[j].gameObject.SetActive(seen);
                figure.Joints[j].localPosition = Place(body, j);
                figure.Joints[j].localScale = Vector3.one * (JointSize * SizeOf(body, (JointType)j));
                figure.Bones[j].gameObject.SetActive(seen && parent != j && body.States[parent] != TrackingState.NotTracked);
                Stretch(figure.Bones[j], Place(body, parent), Place(body, j), BoneSize * Certainty(body, j));
            }
        }

        private void OnBodyLeft(Body body)
        {
            Figure figure;
            if (!_figures.TryGetValue(body.TrackingId, out figure)) return;
            Destroy(figure.Root);
            _figures.Remove(body.TrackingId);
        }

        private Vector3 Place(Body body, int joint)
        {
            Vec3 place = body.Positions[joint];
            return KinectSpace.ToUnity(mirror ? KinectSpace.Mirrored(place) : place);
        }

        private static float Certainty(Body body, int joint) { return body.States[joint] == TrackingState.Tracked ? 1f : Guessed; }

        private static float SizeOf(Body body, JointType joint)
        {
            float certainty = Certainty(body, (int)joint);
            if (joint == JointType.HandLeft) return certainty * HandSizes[(int)body.HandLeft];
            if (joint == JointType.HandRight) return certainty * HandSizes[(int)body.HandRight];
            return certainty;
        }

        private static void Stretch(Transform stick, Vector3 from, Vector3 to, float thickness)
        {
            Vector3 along = to - from;
            stick.localPosition = (from + to) * 0.5f;
            stick.localRotation = Quaternion.FromToRotation(Vector3.up, along);
            stick.localScale = new Vector3(thickness, along.magnitude * 0.5f, thickness); // a cylinder is two units high
        }

        private Figure MakeFigure(Body body)
        {
            var figure = new Figure { Root = new GameObject("Body " + body.TrackingId) };
            figure.Root.transform.SetParent(transform, false);
            for (int j = 0; j < Skeleton.JointCount; j++)
            {
                figure.Joints[j] = Part(PrimitiveType.Sphere, ((JointType)j).ToString(), body.Slot, figure.Root.transform);
                figure.Bones[j] = Part(PrimitiveType.Cylinder, "to " + (JointType)j, body.Slot, figure.Root.transform);
            }
            return figure;
        }

        private static Transform Part(PrimitiveType shape, string title, int slot, Transform parent)
        {
            GameObject part = GameObject.CreatePrimitive(shape);
            part.name = title;
            Destroy(part.GetComponent<Collider>());
            part.transform.SetParent(parent, false);
            var color = new MaterialPropertyBlock();
            color.SetColor("_Color", Colors[slot % Colors.Length]); // the built-in pipeline
            color.SetColor("_BaseColor", Colors[slot % Colors.Length]); // URP and HDRP
            part.GetComponent<Renderer>().SetPropertyBlock(color);
            return part.transform;
        }
    }
}

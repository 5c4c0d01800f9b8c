using System.Collections.Generic;
using UnityEngine;

namespace Bodycast
{
    /// <summary>A bone of an avatar, the joint in which the bone's like ends on a Kinect body, and the rotation from that
    /// joint's orientation to the bone's own, as it was in the bind pose.</summary>
    internal struct AvatarBone
    {
        public Transform Transform;
        public JointType Joint;
        public Quaternion FromJoint;
    }

    /// <summary>A humanoid avatar's bind pose, as Kinect joints in the avatar's own space.</summary>
    internal sealed class AvatarSkeleton
    {
        private static readonly KeyValuePair<HumanBodyBones, JointType>[] Places =
        {
            Pair(HumanBodyBones.Hips, JointType.SpineBase), Pair(HumanBodyBones.Spine, JointType.SpineMid),
            Pair(HumanBodyBones.Neck, JointType.Neck), Pair(HumanBodyBones.Head, JointType.Head),
            Pair(HumanBodyBones.LeftUpperArm, JointType.ShoulderLeft), Pair(HumanBodyBones.RightUpperArm, JointType.ShoulderRight),
            Pair(HumanBodyBones.LeftLowerArm, JointType.ElbowLeft), Pair(HumanBodyBones.RightLowerArm, JointType.ElbowRight),
            Pair(HumanBodyBones.LeftHand, JointType.WristLeft), Pair(HumanBodyBones.RightHand, JointType.WristRight),
            Pair(HumanBodyBones.LeftMiddleProximal, JointType.HandLeft), Pair(HumanBodyBones.RightMiddleProximal, JointType.HandRight),
            Pair(HumanBodyBones.LeftThumbIntermediate, JointType.ThumbLeft), Pair(HumanBodyBones.RightThumbIntermediate, JointType.ThumbRight),
            Pair(HumanBodyBones.LeftUpperLeg, JointType.HipLeft), Pair(HumanBodyBones.RightUpperLeg, JointType.HipRight),
            Pair(HumanBodyBones.LeftLowerLeg, JointType.KneeLeft), Pair(HumanBodyBones.RightLowerLeg, JointType.KneeRight),
            Pair(HumanBodyBones.LeftFoot, JointType.AnkleLeft), Pair(HumanBodyBones.RightFoot, JointType.AnkleRight),
            Pair(HumanBodyBones.LeftToes, JointType.FootLeft), Pair(HumanBodyBones.RightToes, JointType.FootRight),
        };

        /// <summary>The joint whose orientation turns each bone: that at the bone's far end. Parents come before children.</summary>
        private static readonly KeyValuePair<HumanBodyBones, JointType>[] Turns =
        {
            Pair(HumanBodyBones.Hips, JointType.SpineBase), Pair(HumanBodyBones.Spine, JointType.SpineMid),
            Pair(HumanBodyBones.Chest, JointType.SpineShoulder), Pair(HumanBodyBones.UpperChest, JointType.SpineShoulder),
            Pair(HumanBodyBones.Neck, JointType.Head), Pair(HumanBodyBones.Head, JointType.Head),
            Pair(HumanBodyBones.LeftUpperArm, JointType.ElbowLeft), Pair(HumanBodyBones.RightUpperArm, JointType.ElbowRight),
            Pair(HumanBodyBones.LeftLowerArm, JointType.WristLeft), Pair(HumanBodyBones.RightLowerArm, JointType.WristRight),
            Pair(HumanBodyBones.LeftHand, JointType.HandLeft), Pair(HumanBodyBones.RightHand, JointType.HandRight),
            Pair(HumanBodyBones.LeftUpperLeg, JointType.KneeLeft), Pair(HumanBodyBones.RightUpperLeg, JointType.KneeRight),
            Pair(HumanBodyBones.LeftLowerLeg, JointType.AnkleLeft), Pair(HumanBodyBones.RightLowerLeg, JointType.AnkleRight),
            Pair(HumanBodyBones.LeftFoot, JointType.FootLeft), Pair(HumanBodyBones.RightFoot, JointType.FootRight),
        };

        private static readonly JointType[] Legs =
        {
            JointType.HipLeft, JointType.KneeLeft, JointType.AnkleLeft, JointType.HipRight, JointType.KneeRight, JointType.AnkleRight,
        };

        private readonly Animator _animator;
        private readonly Transform _root;
        private readonly Vec3[] _bind = new Vec3[Skeleton.JointCount];
        private readonly Vector3 _hips;
        private readonly float _ground;

        public AvatarSkeleton(Animator animator, Transform root)
        {
            _animator = animator;
            _root = root;
            foreach (var place in Places) PlaceJoint(place.Value, Bone(place.Key));
            Complete();
            LegLength = LegLengthOf(_bind);
            _hips = root.InverseTransformPoint(Bone(HumanBodyBones.Hips).position);
            _ground = LowerFoot();
        }

        public float LegLength { get; private set; }

        /// <summary>The bones that the avatar has, parents first.</summary>
        public IEnumerable<AvatarBone> Bones()
        {
            foreach (var turn in Turns)
            {
                Transform bone = Bone(turn.Key);
                if (bone == null) continue;
                Quaternion joint = KinectSpace.ToUnity(BoneOrientations.Of(_bind, turn.Value));
                Quaternion own = Quaternion.Inverse(_root.rotation) * bone.rotation;
                yield return new AvatarBone { Transform = bone, Joint = turn.Value, FromJoint = Quaternion.Inverse(joint) * own };
            }
        }

        /// <summary>Put the hips so far from their place in the bind pose, and the lower foot onto the ground.</summary>
        public void PlaceHips(Vector3 way)
        {
            Transform hips = Bone(HumanBodyBones.Hips);
            hips.position = _root.TransformPoint(_hips + way);
            hips.position = _root.TransformPoint(_hips + way + Vector3.up * (_ground - LowerFoot()));
        }

        /// <summary>The mean length of both legs, in the unit of the positions.</summary>
        public static float LegLengthOf(Vec3[] p)
        {
            float left = (p[(int)JointType.HipLeft] - p[(int)JointType.KneeLeft]).Length + (p[(int)JointType.KneeLeft] - p[(int)JointType.AnkleLeft]).Length;
            float right = (p[(int)JointType.HipRight] - p[(int)JointType.KneeRight]).Length + (p[(int)JointType.KneeRight] - p[(int)JointType.AnkleRight]).Length;
            return (left + right) / 2;
        }

        /// <summary>Whether the places of both legs are known, so that their length is.</summary>
        public static bool HasLegs(Body body)
        {
            foreach (JointType joint in Legs)
                if (body.State(joint) == TrackingState.NotTracked) return false;
            return true;
        }

        private static KeyValuePair<HumanBodyBones, JointType> Pair(HumanBodyBones bone, JointType joint)
        {
            return new KeyValuePair<HumanBodyBones, JointType>(bone, joint);
        }

        private Transform Bone(HumanBodyBones bone) { return _animator.GetBoneTransform(bone); }

        private float LowerFoot()
        {
            float left = _root.InverseTransformPoint(Bone(HumanBodyBones.LeftFoot).position).y;
            return Mathf.Min(left, _root.InverseTransformPoint(Bone(HumanBodyBones.RightFoot).position).y);
        }

        private void PlaceJoint(JointType joint, Transform bone)
        {
            if (bone != null) _bind[(int)joint] = KinectSpace.FromUnity(_root.InverseTransformPoint(bone.position));
        }

        /// <summary>Guess the joints that the avatar has no bones for; a Humanoid always has head, limbs, hips and spine.</summary>
        private void Complete()
        {
            Set(JointType.SpineShoulder, 0.5f * (At(JointType.ShoulderLeft) + At(JointType.ShoulderRight)));
            if (Bone(HumanBodyBones.Neck) == null) Set(JointType.Neck, 0.5f * (At(JointType.SpineShoulder) + At(JointType.Head)));
            Vec3 forwards = 0.1f * BoneOrientations.Facing(_bind);
            Beyond(HumanBodyBones.LeftMiddleProximal, JointType.ElbowLeft, JointType.WristLeft, JointType.HandLeft);
            Beyond(HumanBodyBones.RightMiddleProximal, JointType.ElbowRight, JointType.WristRight, JointType.HandRight);
            if (Bone(HumanBodyBones.LeftThumbIntermediate) == null) Set(JointType.ThumbLeft, At(JointType.HandLeft) + forwards);
            if (Bone(HumanBodyBones.RightThumbIntermediate) == null) Set(JointType.ThumbRight, At(JointType.HandRight) + forwards);
            if (Bone(HumanBodyBones.LeftToes) == null) Set(JointType.FootLeft, At(JointType.AnkleLeft) + forwards);
            if (Bone(HumanBodyBones.RightToes) == null) Set(JointType.FootRight, At(JointType.AnkleRight) + forwards);
        }

        private void Beyond(HumanBodyBones bone, JointType from, JointType through, JointType to)
        {
            if (Bone(bone) == null) Set(to, At(through) + 0.3f * (At(through) - At(from)));
        }

        private Vec3 At(JointType joint) { return _bind[(int)joint]; }

        private void Set(JointType joint, Vec3 place) { _bind[(int)joint] = place; }
    }
}

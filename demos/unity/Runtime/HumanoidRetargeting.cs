using System.Collections.Generic;
using UnityEngine;

namespace Bodycast
{
    /// <summary>Moves a humanoid avatar like one of the people in view. The avatar must stand in its bind pose, a T or an A,
    /// when this starts, and have no animation of its own on the same bones.</summary>
    [AddComponentMenu("Bodycast/Humanoid Retargeting")]
    [RequireComponent(typeof(Animator))]
    public sealed class HumanoidRetargeting : MonoBehaviour
    {
        [Tooltip("The receiver; the first one in the scene, if it is left empty.")]
        public BodycastReceiver receiver;

        [Tooltip("Whom to follow: 0 to 5, or -1 for whoever came first.")]
        public int slot = -1;

        [Tooltip("Exchange left and right, for an avatar that faces its person like a mirror.")]
        public bool mirror;

        [Tooltip("Walk with the person, from where the avatar stands.")]
        public bool moves = true;

        private readonly Vec3[] _positions = new Vec3[Skeleton.JointCount];
        private readonly List<AvatarBone> _bones = new List<AvatarBone>();
        private AvatarSkeleton _avatar;
        private ulong _followed;
        private Vec3 _last, _walked;
        private float _scale;

        private void Start()
        {
            if (receiver == null) receiver = FindObjectOfType<BodycastReceiver>();
            var animator = GetComponent<Animator>();
            if (receiver == null || !animator.isHuman)
            {
                Debug.LogWarning("Bodycast: retargeting needs a BodycastReceiver in the scene and a humanoid avatar here.", this);
                enabled = false;
                return;
            }
            _avatar = new AvatarSkeleton(animator, transform);
            _bones.AddRange(_avatar.Bones());
        }

        private void LateUpdate() // after the animator
        {
            Body body = Followed();
            if (body == null || body.State(JointType.SpineBase) == TrackingState.NotTracked) return;
            Quat[] orientations = body.Orientations();
            for (int j = 0; j < Skeleton.JointCount; j++)
                _positions[j] = mirror ? KinectSpace.Mirrored(body.Positions[(int)Skeleton.Mirrored[j]]) : body.Positions[j];
            foreach (AvatarBone bone in _bones)
            {
                JointType source = mirror ? Skeleton.Mirrored[(int)bone.Joint] : bone.Joint;
                if (body.State(source) == TrackingState.NotTracked) continue;
                Quat turn = orientations[(int)source];
                if (turn.IsZero) turn = BoneOrientations.Of(_positions, bone.Joint);
                else if (mirror) turn = KinectSpace.Mirrored(turn);
                bone.Transform.rotation = transform.rotation * KinectSpace.ToUnity(turn) * bone.FromJoint;
            }
            if (moves) Move(body);
        }

        private Body Followed()
        {
            foreach (Body body in receiver.Bodies)
                if (slot < 0 || body.Slot == slot) return body;
            return null;
        }

        /// <summary>Put the hips as far from their first place as the person's are from theirs, in the avatar's size, and so high
        /// that the lower foot stands on the avatar's ground. Datagrams bring a body in parts: legs may come later, or never.</summary>
        private void Move(Body body)
        {
            Vec3 here = _positions[(int)JointType.SpineBase];
            if (body.TrackingId != _followed)
            {
                _followed = body.TrackingId;
                _last = here;
                _walked = new Vec3();
                _scale = 0;
            }
            if (_scale == 0 && AvatarSkeleton.HasLegs(body))
                _scale = _avatar.LegLength / Mathf.Max(AvatarSkeleton.LegLengthOf(_positions), 0.1f);
            _walked = _walked + (_scale > 0 ? _scale : 1) * (here - _last);
            _last = here;
            Vector3 way = KinectSpace.ToUnity(_walked);
            _avatar.PlaceHips(new Vector3(way.x, 0, way.z));
        }
    }
}

using System;

namespace Bodycast
{
    /// <summary>Absolute joint orientations from joint positions, in the Kinect v2's convention: Y runs along the bone that ends
    /// in the joint; Z points forwards on spine, shoulders and hips, outwards along the hinge of elbows, knees and ankles,
    /// towards the thumb on wrists and hands. The same geometry as models/orientation.py.</summary>
    public static class BoneOrientations
    {
        /// <summary>How much a limb that bends little leans on the way it would bend, having no plane of its own.</summary>
        private const float Straight = 0.1f;

        private static readonly JointType[] Ends =
        {
            JointType.Head, JointType.HandTipLeft, JointType.HandTipRight, JointType.ThumbLeft, JointType.ThumbRight, JointType.FootLeft, JointType.FootRight,
        };

        /// <param name="positions">One for each joint.</param>
        /// <param name="orientations">Written: one for each joint, zero on the end joints.</param>
        public static void FromPositions(Vec3[] positions, Quat[] orientations)
        {
            for (int j = 0; j < Skeleton.JointCount; j++)
                orientations[j] = IsEnd((JointType)j) ? new Quat() : Of(positions, (JointType)j);
        }

        /// <summary>The orientation of one joint, end joints included: there, Z points forwards on the head and along the shin
        /// on the feet.</summary>
        public static Quat Of(Vec3[] positions, JointType joint)
        {
            Vec3 y = Bone(positions, joint);
            Vec3 x = Vec3.Cross(y, Roll(positions, joint, Facing(positions))).Unit;
            return Quat.FromAxes(x, y, Vec3.Cross(x, y));
        }

        /// <summary>The unit vector that a body's chest points along.</summary>
        public static Vec3 Facing(Vec3[] positions)
        {
            Vec3 right = At(positions, JointType.ShoulderRight) - At(positions, JointType.ShoulderLeft);
            Vec3 up = At(positions, JointType.SpineShoulder) - At(positions, JointType.SpineBase);
            return Vec3.Cross(up, right).Unit;
        }

        private static bool IsEnd(JointType joint) { return Array.IndexOf(Ends, joint) >= 0; }

        private static Vec3 At(Vec3[] positions, JointType joint) { return positions[(int)joint]; }

        private static Vec3 Bone(Vec3[] positions, JointType joint)
        {
            JointType end = joint == JointType.SpineBase ? JointType.SpineMid : joint;
            return (At(positions, end) - At(positions, Skeleton.Parent[(int)end])).Unit;
        }

        /// <summary>Roughly where Z points; only its part across the bone counts.</summary>
        private static Vec3 Roll(Vec3[] positions, JointType joint, Vec3 forwards)
        {
            Vec3 upwards = forwards + 0.5f * Bone(positions, JointType.SpineShoulder); // arms bend this way, legs backwards
            switch (joint)
            {
                case JointType.ElbowLeft: return -Hinge(positions, JointType.ElbowLeft, JointType.WristLeft, upwards);
                case JointType.ElbowRight: return Hinge(positions, JointType.ElbowRight, JointType.WristRight, upwards);
                case JointType.KneeLeft: case JointType.AnkleLeft: return Hinge(positions, JointType.KneeLeft, JointType.AnkleLeft, -forwards);
                case JointType.KneeRight: case JointType.AnkleRight: return -Hinge(positions, JointType.KneeRight, JointType.AnkleRight, -forwards);
                case JointType.WristLeft: case JointType.HandLeft: return Thumb(positions, JointType.ThumbLeft, JointType.WristLeft, upwards);
                case JointType.WristRight: case JointType.HandRight: return Thumb(positions, JointType.ThumbRight, JointType.WristRight, upwards);
                case JointType.FootLeft: return Bone(positions, JointType.AnkleLeft);
                case JointType.FootRight: return Bone(positions, JointType.AnkleRight);
                default: return forwards;
            }
        }

        private static Vec3 Hinge(Vec3[] positions, JointType hinge, JointType beyond, Vec3 bend)
        {
            return Vec3.Cross(Bone(positions, hinge), Bone(positions, beyond) + Straight * bend);
        }

        private static Vec3 Thumb(Vec3[] positions, JointType thumb, JointType wrist, Vec3 upwards)
        {
            return (At(positions, thumb) - At(positions, wrist)).Unit + Straight / 2 * upwards;
        }
    }
}

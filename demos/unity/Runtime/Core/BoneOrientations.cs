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

        private static readonly Joint[] Ends =
        {
            Joint.Head, Joint.HandTipLeft, Joint.HandTipRight, Joint.ThumbLeft, Joint.ThumbRight, Joint.FootLeft, Joint.FootRight,
        };

        /// <param name="positions">One for each joint.</param>
        /// <param name="orientations">Written: one for each joint, zero on the end joints.</param>
        public static void FromPositions(Vec3[] positions, Quat[] orientations)
        {
            Vec3 forwards = Facing(positions);
            for (int j = 0; j < Skeleton.JointCount; j++)
                orientations[j] = IsEnd((Joint)j) ? new Quat() : Orientation(Bone(positions, (Joint)j), Roll(positions, (Joint)j, forwards));
        }

        /// <summary>The unit vector that a body's chest points along.</summary>
        public static Vec3 Facing(Vec3[] positions)
        {
            Vec3 right = At(positions, Joint.ShoulderRight) - At(positions, Joint.ShoulderLeft);
            Vec3 up = At(positions, Joint.SpineShoulder) - At(positions, Joint.SpineBase);
            return Vec3.Cross(up, right).Unit;
        }

        private static bool IsEnd(Joint joint) { return Array.IndexOf(Ends, joint) >= 0; }

        private static Vec3 At(Vec3[] positions, Joint joint) { return positions[(int)joint]; }

        private static Vec3 Bone(Vec3[] positions, Joint joint)
        {
            Joint end = joint == Joint.SpineBase ? Joint.SpineMid : joint;
            return (At(positions, end) - At(positions, Skeleton.Parent[(int)end])).Unit;
        }

        private static Quat Orientation(Vec3 y, Vec3 roll)
        {
            Vec3 x = Vec3.Cross(y, roll).Unit;
            return Quat.FromAxes(x, y, Vec3.Cross(x, y));
        }

        /// <summary>Roughly where Z points; only its part across the bone counts.</summary>
        private static Vec3 Roll(Vec3[] positions, Joint joint, Vec3 forwards)
        {
            Vec3 upwards = forwards + 0.5f * Bone(positions, Joint.SpineShoulder); // arms bend this way, legs backwards
            switch (joint)
            {
                case Joint.ElbowLeft: return -Hinge(positions, Joint.ElbowLeft, Joint.WristLeft, upwards);
                case Joint.ElbowRight: return Hinge(positions, Joint.ElbowRight, Joint.WristRight, upwards);
                case Joint.KneeLeft: case Joint.AnkleLeft: return Hinge(positions, Joint.KneeLeft, Joint.AnkleLeft, -forwards);
                case Joint.KneeRight: case Joint.AnkleRight: return -Hinge(positions, Joint.KneeRight, Joint.AnkleRight, -forwards);
                case Joint.WristLeft: case Joint.HandLeft: return Thumb(positions, Joint.ThumbLeft, Joint.WristLeft, upwards);
                case Joint.WristRight: case Joint.HandRight: return Thumb(positions, Joint.ThumbRight, Joint.WristRight, upwards);
                default: return forwards;
            }
        }

        private static Vec3 Hinge(Vec3[] positions, Joint hinge, Joint beyond, Vec3 bend)
        {
            return Vec3.Cross(Bone(positions, hinge), Bone(positions, beyond) + Straight * bend);
        }

        private static Vec3 Thumb(Vec3[] positions, Joint thumb, Joint wrist, Vec3 upwards)
        {
            return (At(positions, thumb) - At(positions, wrist)).Unit + Straight / 2 * upwards;
        }
    }
}

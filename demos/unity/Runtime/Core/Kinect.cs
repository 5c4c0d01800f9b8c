using System;
using System.Collections.Generic;

namespace Bodycast
{
    /// <summary>The 25 joints of a Kinect v2 body, with the numbers and names of the Kinect for Windows SDK 2.0.</summary>
    public enum JointType
    {
        SpineBase, SpineMid, Neck, Head,
        ShoulderLeft, ElbowLeft, WristLeft, HandLeft,
        ShoulderRight, ElbowRight, WristRight, HandRight,
        HipLeft, KneeLeft, AnkleLeft, FootLeft,
        HipRight, KneeRight, AnkleRight, FootRight,
        SpineShoulder, HandTipLeft, ThumbLeft, HandTipRight, ThumbRight,
    }

    /// <summary>How sure a joint is.</summary>
    public enum TrackingState { NotTracked, Inferred, Tracked }

    /// <summary>What a hand does.</summary>
    public enum HandState { Unknown, NotTracked, Open, Closed, Lasso }

    /// <summary>How sure a hand's state is.</summary>
    public enum TrackingConfidence { Low, High }

    /// <summary>What a gesture does at this instant.</summary>
    public enum GesturePhase { Started, Held, Ended, Detected }

    /// <summary>The bones between the joints, and what is on the other side of the body.</summary>
    public static class Skeleton
    {
        public const int JointCount = 25;

        /// <summary>The joint where the bone that ends in each joint starts; SpineBase is its own.</summary>
        public static readonly JointType[] Parent = MakeParents();

        /// <summary>For each joint the one on the other side; those in the middle are their own.</summary>
        public static readonly JointType[] Mirrored = MakeMirrored();

        private static JointType[] MakeParents()
        {
            var parent = new JointType[JointCount];
            Chain(parent, JointType.SpineBase, JointType.SpineMid, JointType.SpineShoulder, JointType.Neck, JointType.Head);
            Chain(parent, JointType.SpineShoulder, JointType.ShoulderLeft, JointType.ElbowLeft, JointType.WristLeft, JointType.HandLeft, JointType.HandTipLeft);
            Chain(parent, JointType.SpineShoulder, JointType.ShoulderRight, JointType.ElbowRight, JointType.WristRight, JointType.HandRight, JointType.HandTipRight);
            Chain(parent, JointType.HandLeft, JointType.ThumbLeft);
            Chain(parent, JointType.HandRight, JointType.ThumbRight);
            Chain(parent, JointType.SpineBase, JointType.HipLeft, JointType.KneeLeft, JointType.AnkleLeft, JointType.FootLeft);
            Chain(parent, JointType.SpineBase, JointType.HipRight, JointType.KneeRight, JointType.AnkleRight, JointType.FootRight);
            return parent;
        }

        private static void Chain(JointType[] parent, params JointType[] joints)
        {
            for (int i = 1; i < joints.Length; i++) parent[(int)joints[i]] = joints[i - 1];
        }

        private static JointType[] MakeMirrored()
        {
            var mirrored = new JointType[JointCount];
            foreach (JointType joint in Enum.GetValues(typeof(JointType)))
            {
                string name = joint.ToString();
                string other = name.EndsWith("Left") ? name.Replace("Left", "Right") : name.Replace("Right", "Left");
                mirrored[(int)joint] = (JointType)Enum.Parse(typeof(JointType), other);
            }
            return mirrored;
        }
    }

    /// <summary>Values of an enum by the name that they have on the wire.</summary>
    internal static class Names<T> where T : struct
    {
        private static readonly Dictionary<string, T> Values = MakeValues();

        public static bool TryGet(string name, out T value) { return Values.TryGetValue(name, out value); }

        private static Dictionary<string, T> MakeValues()
        {
            var values = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
            foreach (T value in Enum.GetValues(typeof(T))) values[value.ToString()] = value;
            return values;
        }
    }
}

using System;
using System.Collections.Generic;

namespace Bodycast
{
    /// <summary>The 25 joints of a Kinect v2 body, with the numbers and names of the Kinect for Windows SDK 2.0.</summary>
    public enum Joint
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
        public static readonly Joint[] Parent = MakeParents();

        /// <summary>For each joint the one on the other side; those in the middle are their own.</summary>
        public static readonly Joint[] Mirrored = MakeMirrored();

        private static Joint[] MakeParents()
        {
            var parent = new Joint[JointCount];
            Chain(parent, Joint.SpineBase, Joint.SpineMid, Joint.SpineShoulder, Joint.Neck, Joint.Head);
            Chain(parent, Joint.SpineShoulder, Joint.ShoulderLeft, Joint.ElbowLeft, Joint.WristLeft, Joint.HandLeft, Joint.HandTipLeft);
            Chain(parent, Joint.SpineShoulder, Joint.ShoulderRight, Joint.ElbowRight, Joint.WristRight, Joint.HandRight, Joint.HandTipRight);
            Chain(parent, Joint.HandLeft, Joint.ThumbLeft);
            Chain(parent, Joint.HandRight, Joint.ThumbRight);
            Chain(parent, Joint.SpineBase, Joint.HipLeft, Joint.KneeLeft, Joint.AnkleLeft, Joint.FootLeft);
            Chain(parent, Joint.SpineBase, Joint.HipRight, Joint.KneeRight, Joint.AnkleRight, Joint.FootRight);
            return parent;
        }

        private static void Chain(Joint[] parent, params Joint[] joints)
        {
            for (int i = 1; i < joints.Length; i++) parent[(int)joints[i]] = joints[i - 1];
        }

        private static Joint[] MakeMirrored()
        {
            var mirrored = new Joint[JointCount];
            foreach (Joint joint in Enum.GetValues(typeof(Joint)))
            {
                string name = joint.ToString();
                string other = name.EndsWith("Left") ? name.Replace("Left", "Right") : name.Replace("Right", "Left");
                mirrored[(int)joint] = (Joint)Enum.Parse(typeof(Joint), other);
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

using UnityEngine;

namespace Bodycast
{
    /// <summary>From the camera space of the Kinect v2, which is right-handed, to Unity's, which is left-handed: Z is turned round,
    /// so that whoever faces the camera looks along +Z and has the right hand at the larger X.</summary>
    public static class KinectSpace
    {
        public static Vector3 ToUnity(Vec3 p) { return new Vector3(p.X, p.Y, -p.Z); }

        public static Quaternion ToUnity(Quat q) { return new Quaternion(-q.X, -q.Y, q.Z, q.W); }

        public static Vec3 FromUnity(Vector3 p) { return new Vec3(p.x, p.y, -p.z); }

        /// <summary>Where a joint would be if the person stood in a mirror: on the other side, and the other joint.</summary>
        public static Vec3 Mirrored(Vec3 p) { return new Vec3(-p.X, p.Y, p.Z); }

        public static Quat Mirrored(Quat q) { return new Quat(q.X, -q.Y, -q.Z, q.W); }
    }
}

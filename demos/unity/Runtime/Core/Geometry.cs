using System;

namespace Bodycast
{
    /// <summary>A point or a direction in the camera space of the Kinect v2: metres, right-handed, X to the camera's left,
    /// Y up, Z away from the camera.</summary>
    public struct Vec3
    {
        public float X, Y, Z;

        public Vec3(float x, float y, float z) { X = x; Y = y; Z = z; }

        public static Vec3 operator +(Vec3 a, Vec3 b) { return new Vec3(a.X + b.X, a.Y + b.Y, a.Z + b.Z); }
        public static Vec3 operator -(Vec3 a, Vec3 b) { return new Vec3(a.X - b.X, a.Y - b.Y, a.Z - b.Z); }
        public static Vec3 operator -(Vec3 a) { return new Vec3(-a.X, -a.Y, -a.Z); }
        public static Vec3 operator *(float s, Vec3 a) { return new Vec3(s * a.X, s * a.Y, s * a.Z); }

        public float Length { get { return (float)Math.Sqrt(Dot(this, this)); } }

        /// <summary>This direction with length 1; a zero vector stays zero.</summary>
        public Vec3 Unit { get { return (1f / Math.Max(Length, 1e-6f)) * this; } }

        public bool IsFinite { get { return IsNumber(X) && IsNumber(Y) && IsNumber(Z); } }

        public static float Dot(Vec3 a, Vec3 b) { return a.X * b.X + a.Y * b.Y + a.Z * b.Z; }

        public static Vec3 Cross(Vec3 a, Vec3 b)
        {
            return new Vec3(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);
        }

        internal static bool IsNumber(float value) { return !float.IsNaN(value) && !float.IsInfinity(value); }
    }

    /// <summary>A rotation as a unit quaternion, in the same space; all zeros stand for none known.</summary>
    public struct Quat
    {
        public float X, Y, Z, W;

        public Quat(float x, float y, float z, float w) { X = x; Y = y; Z = z; W = w; }

        public bool IsFinite { get { return Vec3.IsNumber(X) && Vec3.IsNumber(Y) && Vec3.IsNumber(Z) && Vec3.IsNumber(W); } }

        public bool IsZero { get { return X == 0 && Y == 0 && Z == 0 && W == 0; } }

        /// <summary>The rotation whose columns are the unit vectors x, y and z.</summary>
        public static Quat FromAxes(Vec3 x, Vec3 y, Vec3 z)
        {
            if (x.X + y.Y + z.Z > 0) return Normalized(y.Z - z.Y, z.X - x.Z, x.Y - y.X, 1 + x.X + y.Y + z.Z);
            if (x.X >= y.Y && x.X >= z.Z) return Normalized(1 + x.X - y.Y - z.Z, y.X + x.Y, z.X + x.Z, y.Z - z.Y);
            if (y.Y >= z.Z) return Normalized(y.X + x.Y, 1 + y.Y - x.X - z.Z, z.Y + y.Z, z.X - x.Z);
            return Normalized(z.X + x.Z, z.Y + y.Z, 1 + z.Z - x.X - y.Y, x.Y - y.X);
        }

        private static Quat Normalized(float x, float y, float z, float w)
        {
            float s = 1f / Math.Max((float)Math.Sqrt(x * x + y * y + z * z + w * w), 1e-6f);
            return new Quat(s * x, s * y, s * z, s * w);
        }
    }
}

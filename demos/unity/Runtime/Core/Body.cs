using System.Collections.Generic;

namespace Bodycast
{
    /// <summary>One gesture of one person at one instant.</summary>
    public struct Gesture
    {
        /// <summary>For example raise_right_hand.</summary>
        public string Name;

        /// <summary>Whose gesture it is: the body's TrackingId.</summary>
        public ulong TrackingId;

        public GesturePhase Phase;

        /// <summary>0 to 1, how far the movement has come.</summary>
        public float Progress;

        /// <summary>0 to 1.</summary>
        public float Confidence;
    }

    /// <summary>One tracked person, as last heard of. Positions and orientations are in the camera space of the Kinect v2;
    /// left and right are the person's own.</summary>
    public sealed class Body
    {
        /// <summary>A body keeps the progress of at most as many gestures.</summary>
        public const int MaxGestures = 64;

        private readonly Dictionary<string, float> _progress = new Dictionary<string, float>();
        private readonly Quat[] _fromPositions = new Quat[Skeleton.JointCount];

        public Body(ulong trackingId, int slot)
        {
            TrackingId = trackingId;
            Slot = slot;
        }

        /// <summary>Stable while the person stays in view; never used again within a stream.</summary>
        public ulong TrackingId { get; private set; }

        /// <summary>0 to 5, stable while the person stays in view; used again afterwards.</summary>
        public int Slot { get; private set; }

        /// <summary>Metres, indexed by <see cref="JointType"/>.</summary>
        public readonly Vec3[] Positions = new Vec3[Skeleton.JointCount];

        public readonly TrackingState[] States = new TrackingState[Skeleton.JointCount];

        /// <summary>As received; zero where the profile sends none, and on end joints.</summary>
        public readonly Quat[] ReceivedOrientations = new Quat[Skeleton.JointCount];

        public HandState HandLeft { get; private set; }
        public HandState HandRight { get; private set; }
        public TrackingConfidence HandLeftConfidence { get; private set; }
        public TrackingConfidence HandRightConfidence { get; private set; }

        /// <summary>The edges of the picture that cut the body off: 1 right, 2 left, 4 top, 8 bottom. Only bodycast tells.</summary>
        public int ClippedEdges { get; private set; }

        /// <summary>How far the body leans to its right and forwards, -1 to 1. Only bodycast tells.</summary>
        public float LeanX { get; private set; }

        public float LeanY { get; private set; }

        /// <summary>Seconds on the receiver's clock when it was last heard of.</summary>
        public double LastHeard { get; internal set; }

        internal bool HasChanged;

        public Vec3 this[JointType joint] { get { return Positions[(int)joint]; } }

        public TrackingState State(JointType joint) { return States[(int)joint]; }

        /// <summary>How far a gesture has come, 0 to 1; 0 for one that was never heard of.</summary>
        public float Progress(string gesture)
        {
            float progress;
            return _progress.TryGetValue(gesture, out progress) ? progress : 0f;
        }

        /// <summary>Absolute unit quaternions, the bone along +Y: those received, or computed from the positions where the
        /// profile sends none. Zero on end joints. The array is used again.</summary>
        public Quat[] Orientations()
        {
            if (!ReceivedOrientations[(int)JointType.SpineMid].IsZero) return ReceivedOrientations;
            BoneOrientations.FromPositions(Positions, _fromPositions);
            return _fromPositions;
        }

        internal void SetHandLeft(HandState state, TrackingConfidence confidence)
        {
            HandLeft = state;
            HandLeftConfidence = confidence;
            HasChanged = true;
        }

        internal void SetHandRight(HandState state, TrackingConfidence confidence)
        {
            HandRight = state;
            HandRightConfidence = confidence;
            HasChanged = true;
        }

        internal void SetPosture(int clippedEdges, float leanX, float leanY)
        {
            ClippedEdges = clippedEdges;
            LeanX = leanX;
            LeanY = leanY;
        }

        internal void SetProgress(string gesture, float progress)
        {
            progress = progress > 0 ? System.Math.Min(progress, 1f) : 0f; // what is not a number becomes 0, too
            if (_progress.Count < MaxGestures || _progress.ContainsKey(gesture)) _progress[gesture] = progress;
        }
    }
}

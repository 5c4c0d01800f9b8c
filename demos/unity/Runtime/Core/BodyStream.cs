using System;
using System.Collections.Generic;

namespace Bodycast
{
    /// <summary>Everyone in view, from datagrams of the profiles kinectv2 and bodycast. The time is an argument, in seconds.</summary>
    public sealed class BodyStream
    {
        public const int MaxBodies = 6;

        private readonly OscReader _reader = new OscReader();
        private readonly KinectV2Profile _kinectV2;
        private readonly BodycastProfile _bodycast;
        private readonly Action<OscMessage> _take;
        private readonly List<Body> _bodies = new List<Body>(MaxBodies);
        private readonly List<Body> _once = new List<Body>(MaxBodies);
        private double _now;

        public BodyStream()
        {
            _kinectV2 = new KinectV2Profile(this);
            _bodycast = new BodycastProfile(this);
            _take = Take;
        }

        /// <summary>Seconds after which a body has left that nothing was heard of.</summary>
        public double Patience = 0.5;

        /// <summary>A body was heard of for the first time.</summary>
        public event Action<Body> Entered;

        /// <summary>A body has moved; at most once for each <see cref="Advance"/>.</summary>
        public event Action<Body> Updated;

        /// <summary>A body is in view no more.</summary>
        public event Action<Body> Left;

        public event Action<Gesture> GestureSeen;

        /// <summary>Everyone in view, in the order in which they came.</summary>
        public IList<Body> Bodies { get { return _bodies; } }

        /// <summary>The newest frame's number, its capture time in seconds on the source's clock, and the seconds from the capture
        /// to the sending, -1 where that is not known. Only the profile bodycast tells.</summary>
        public int FrameNumber { get; internal set; }

        public double CaptureTime { get; internal set; }

        public float Latency { get; internal set; }

        /// <summary>The floor is where X x + Y y + Z z + W = 0; all zeros where it is not known.</summary>
        public Quat Floor { get; internal set; }

        /// <summary>How many messages were understood, and how many datagrams or messages were not.</summary>
        public long Understood { get; private set; }

        public long Strange { get; private set; }

        /// <summary>Take one datagram, whatever it holds.</summary>
        public void Take(byte[] datagram, int length, double now)
        {
            _now = now;
            if (!_reader.Read(datagram, length, _take)) Strange++;
        }

        /// <summary>Tell of everyone who has moved since the last call, and of everyone who was silent for too long.</summary>
        public void Advance(double now)
        {
            _now = now;
            _once.Clear();
            _once.AddRange(_bodies); // whoever listens may call us
            foreach (Body body in _once)
            {
                if (body.HasChanged && Updated != null) Updated(body);
                body.HasChanged = false;
                if (now - body.LastHeard > Patience) Remove(body);
            }
        }

        /// <summary>Everyone leaves, as when the stream is closed.</summary>
        public void Clear()
        {
            while (_bodies.Count > 0) Remove(_bodies[_bodies.Count - 1]);
        }

        public Body Find(ulong trackingId)
        {
            foreach (Body body in _bodies)
                if (body.TrackingId == trackingId) return body;
            return null;
        }

        /// <summary>The body of that number, made if it is new; null where six others are in view.</summary>
        internal Body Hear(ulong trackingId, int slot = -1)
        {
            Body body = Find(trackingId);
            if (body == null)
            {
                if (slot < 0) slot = FreeSlot();
                if (slot < 0 || InSlot(slot) != null) return null;
                body = new Body(trackingId, slot);
                _bodies.Add(body);
                if (Entered != null) Entered(body);
            }
            body.LastHeard = _now;
            return body;
        }

        internal void Remove(Body body)
        {
            if (body != null && _bodies.Remove(body) && Left != null) Left(body);
        }

        internal Body InSlot(int slot)
        {
            foreach (Body body in _bodies)
                if (body.Slot == slot) return body;
            return null;
        }

        internal void Tell(Gesture gesture)
        {
            if (GestureSeen != null) GestureSeen(gesture);
        }

        private void Take(OscMessage message)
        {
            bool ours = message.Address.StartsWith(BodycastProfile.Prefix, StringComparison.Ordinal);
            if (ours ? _bodycast.Take(message) : _kinectV2.Take(message)) Understood++;
            else Strange++;
        }

        private int FreeSlot()
        {
            for (int slot = 0; slot < MaxBodies; slot++)
                if (InSlot(slot) == null) return slot;
            return -1;
        }
    }
}

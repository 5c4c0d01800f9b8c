using System.Collections.Generic;

namespace Bodycast
{
    /// <summary>Understands Bodycast's own messages, which come in bundles from /bodycast/alive to /bodycast/frame:
    /// /bodycast/{slot}/body, /bodycast/{slot}/joints/{Joint}, /bodycast/{slot}/gestures/{name}, enter, leave and floor.</summary>
    internal sealed class BodycastProfile
    {
        public const string Prefix = "/bodycast/";

        private const int MostAddresses = 1024; // six slots have 156, and one more for each gesture

        private enum Kind { Unknown, Alive, Enter, Leave, Floor, Frame, Body, Joint, Gesture }

        private struct Route
        {
            public Kind Kind;
            public int Slot;
            public JointType Joint;
            public string Gesture;
        }

        private readonly BodyStream _stream;
        private readonly Dictionary<string, Route> _routes = new Dictionary<string, Route>();

        public BodycastProfile(BodyStream stream) { _stream = stream; }

        /// <returns>Whether it was a message of this profile, and right.</returns>
        public bool Take(OscMessage message)
        {
            Route route;
            if (!_routes.TryGetValue(message.Address, out route))
            {
                if (_routes.Count >= MostAddresses) _routes.Clear();
                _routes[message.Address] = route = RouteOf(message.Address);
            }
            switch (route.Kind)
            {
                case Kind.Alive: return TakeAlive(message);
                case Kind.Enter: return message.Types == "is" && Hear(message.Int(0), message.String(1)) != null;
                case Kind.Leave: return message.Types == "is" && TakeLeave(message);
                case Kind.Floor: return message.Types == "ffff" && TakeFloor(message);
                case Kind.Frame: return message.Types == "iiif" && TakeFrame(message);
                case Kind.Body: return message.Types == "siiiiiff" && TakeBody(route, message);
                case Kind.Joint: return message.Types == "fffffffi" && TakeJoint(route, message);
                case Kind.Gesture: return message.Types == "ssff" && TakeGesture(route, message);
                default: return false;
            }
        }

        private static Route RouteOf(string address)
        {
            var route = new Route();
            string[] parts = address.Split('/'); // the first is empty, the second bodycast
            if (parts.Length == 3) Names<Kind>.TryGet(parts[2], out route.Kind);
            else if (parts.Length > 3 && int.TryParse(parts[2], out route.Slot) && IsSlot(route.Slot))
                route.Kind = KindOf(parts, out route.Joint, out route.Gesture);
            return route;
        }

        private static Kind KindOf(string[] parts, out JointType joint, out string gesture)
        {
            joint = JointType.SpineBase;
            gesture = parts[parts.Length - 1];
            if (parts.Length == 4) return parts[3] == "body" ? Kind.Body : Kind.Unknown;
            if (parts.Length != 5) return Kind.Unknown;
            if (parts[3] == "joints") return Names<JointType>.TryGet(parts[4], out joint) ? Kind.Joint : Kind.Unknown;
            return parts[3] == "gestures" && gesture != "" ? Kind.Gesture : Kind.Unknown;
        }

        private static bool IsSlot(int slot) { return slot >= 0 && slot < BodyStream.MaxBodies; }

        /// <summary>The body of that id in that slot; whoever had the slot before has left.</summary>
        private Body Hear(int slot, string id)
        {
            ulong trackingId;
            if (!IsSlot(slot) || !KinectV2Profile.TryParseId(id, out trackingId)) return null;
            Body there = _stream.InSlot(slot);
            if (there != null && there.TrackingId != trackingId) _stream.Remove(there);
            Body known = _stream.Find(trackingId);
            if (known != null && known.Slot != slot) _stream.Remove(known);
            return _stream.Hear(trackingId, slot);
        }

        private bool TakeAlive(OscMessage message)
        {
            int alive = 0;
            for (int i = 0; i < message.Types.Length; i++)
            {
                if (message.Types[i] != 'i' || !IsSlot(message.Int(i))) return false;
                alive |= 1 << message.Int(i);
            }
            for (int slot = 0; slot < BodyStream.MaxBodies; slot++)
                if ((alive & 1 << slot) == 0) _stream.Remove(_stream.InSlot(slot));
            return true;
        }

        private bool TakeLeave(OscMessage message)
        {
            ulong trackingId;
            if (!KinectV2Profile.TryParseId(message.String(1), out trackingId)) return false;
            _stream.Remove(_stream.Find(trackingId));
            return true;
        }

        private bool TakeFloor(OscMessage message)
        {
            _stream.Floor = message.Quat(0);
            return true;
        }

        private bool TakeFrame(OscMessage message)
        {
            _stream.FrameNumber = message.Int(0);
            _stream.CaptureTime = message.Int(1) + 1e-6 * message.Int(2);
            _stream.Latency = message.Float(3);
            return true;
        }

        private bool TakeBody(Route route, OscMessage message)
        {
            for (int i = 1; i < 5; i++)
                if (message.Int(i) < 0 || message.Int(i) > (i % 2 == 1 ? (int)HandState.Lasso : (int)TrackingConfidence.High)) return false;
            Body body = Hear(route.Slot, message.String(0));
            if (body == null) return false;
            body.SetHandLeft((HandState)message.Int(1), (TrackingConfidence)message.Int(2));
            body.SetHandRight((HandState)message.Int(3), (TrackingConfidence)message.Int(4));
            body.SetPosture(message.Int(5), message.Float(6), message.Float(7));
            return true;
        }

        private bool TakeJoint(Route route, OscMessage message)
        {
            Vec3 position = message.Vec3(0);
            Quat orientation = message.Quat(3);
            int state = message.Int(7);
            Body body = _stream.InSlot(route.Slot);
            if (body == null || !position.IsFinite || !orientation.IsFinite) return false;
            if (state < 0 || state > (int)TrackingState.Tracked) return false;
            body.Positions[(int)route.Joint] = position;
            body.ReceivedOrientations[(int)route.Joint] = orientation;
            body.States[(int)route.Joint] = (TrackingState)state;
            body.HasChanged = true;
            return true;
        }

        private bool TakeGesture(Route route, OscMessage message)
        {
            var gesture = new Gesture { Name = route.Gesture, Progress = message.Float(2), Confidence = message.Float(3) };
            string phase = message.String(1);
            bool known = Names<GesturePhase>.TryGet(phase, out gesture.Phase);
            if (!KinectV2Profile.TryParseId(message.String(0), out gesture.TrackingId) || !known && phase != "progress") return false;
            Body body = _stream.Find(gesture.TrackingId);
            if (body != null) body.SetProgress(gesture.Name, known && gesture.Phase == GesturePhase.Ended ? 0 : gesture.Progress);
            if (known) _stream.Tell(gesture);
            return true;
        }
    }
}

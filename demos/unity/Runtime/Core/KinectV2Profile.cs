using System;
using System.Collections.Generic;
using System.Globalization;

namespace Bodycast
{
    /// <summary>Understands the messages of KinectV2-OSC, and Bodycast's gestures beside them:
    /// /bodies/{id}/joints/{Joint} ,fffs; /bodies/{id}/hands/{Left|Right} ,ss; /bodies/{id}/gestures/{name} ,ff;
    /// /gesture/{name} ,ssff.</summary>
    internal sealed class KinectV2Profile
    {
        private const int MostAddresses = 1024; // six bodies have 162, and as many again for each change of people

        private enum Kind { Unknown, Joint, HandLeft, HandRight, Progress, Gesture }

        private struct Route
        {
            public Kind Kind;
            public ulong TrackingId;
            public JointType Joint;
            public string Gesture;
        }

        private readonly BodyStream _stream;
        private readonly Dictionary<string, Route> _routes = new Dictionary<string, Route>();

        public KinectV2Profile(BodyStream stream) { _stream = stream; }

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
                case Kind.Joint: return message.Types == "fffs" && TakeJoint(route, message);
                case Kind.HandLeft: case Kind.HandRight: return message.Types == "ss" && TakeHand(route, message);
                case Kind.Progress: return message.Types == "ff" && TakeProgress(route, message);
                case Kind.Gesture: return message.Types == "ssff" && TakeGesture(route, message);
                default: return false;
            }
        }

        private static Route RouteOf(string address)
        {
            var route = new Route();
            string[] parts = address.Split('/'); // the first is empty
            if (parts.Length == 3 && parts[1] == "gesture" && parts[2] != "")
            {
                route.Kind = Kind.Gesture;
                route.Gesture = parts[2];
            }
            else if (parts.Length == 5 && parts[1] == "bodies" && TryParseId(parts[2], out route.TrackingId))
            {
                route.Kind = KindOf(parts[3], parts[4], out route.Joint);
                route.Gesture = parts[4];
            }
            return route;
        }

        private static Kind KindOf(string what, string name, out JointType joint)
        {
            joint = JointType.SpineBase;
            switch (what)
            {
                case "joints": return Names<JointType>.TryGet(name, out joint) ? Kind.Joint : Kind.Unknown;
                case "hands": return name == "Left" ? Kind.HandLeft : name == "Right" ? Kind.HandRight : Kind.Unknown;
                case "gestures": return name != "" ? Kind.Progress : Kind.Unknown;
                default: return Kind.Unknown;
            }
        }

        private bool TakeJoint(Route route, OscMessage message)
        {
            TrackingState state;
            Vec3 position = message.Vec3(0);
            if (!position.IsFinite || !Names<TrackingState>.TryGet(message.String(3), out state)) return false;
            Body body = _stream.Hear(route.TrackingId);
            if (body == null) return false;
            body.Positions[(int)route.Joint] = position;
            body.States[(int)route.Joint] = state;
            body.HasChanged = true;
            return true;
        }

        private bool TakeHand(Route route, OscMessage message)
        {
            HandState state;
            TrackingConfidence confidence;
            if (!Names<HandState>.TryGet(message.String(0), out state)) return false;
            if (!Names<TrackingConfidence>.TryGet(message.String(1), out confidence)) return false;
            Body body = _stream.Hear(route.TrackingId);
            if (body == null) return false;
            if (route.Kind == Kind.HandLeft) body.SetHandLeft(state, confidence);
            else body.SetHandRight(state, confidence);
            return true;
        }

        private bool TakeProgress(Route route, OscMessage message)
        {
            Body body = _stream.Find(route.TrackingId);
            if (body == null) return false;
            body.SetProgress(route.Gesture, message.Float(0));
            return true;
        }

        private bool TakeGesture(Route route, OscMessage message)
        {
            var gesture = new Gesture { Name = route.Gesture, Progress = message.Float(2), Confidence = message.Float(3) };
            if (!TryParseId(message.String(0), out gesture.TrackingId)) return false;
            if (!Names<GesturePhase>.TryGet(message.String(1), out gesture.Phase)) return false;
            _stream.Tell(gesture);
            return true;
        }

        internal static bool TryParseId(string text, out ulong id)
        {
            return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);
        }
    }
}

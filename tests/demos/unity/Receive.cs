// Test only: prints what a BodyStream says, one event a line, until the message /done, and then each message that arrived.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Text;
using System.Threading;

namespace Bodycast.Tests
{
    internal static class Receive
    {
        private static readonly StreamWriter Out = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = false };
        private static readonly BodyStream Stream = new BodyStream();
        private static readonly StringBuilder Messages = new StringBuilder();
        private static bool _done;
        private static int _updates;

        private static void Main()
        {
            Thread.CurrentThread.CurrentCulture = CultureInfo.InvariantCulture;
            Stream.Patience = double.Parse(Environment.GetEnvironmentVariable("BODYCAST_PATIENCE"));
            Stream.Entered += body => Out.WriteLine("entered {0} {1}", body.TrackingId, body.Slot);
            Stream.Updated += body => _updates++;
            Stream.Left += body => Out.WriteLine("left {0}", body.TrackingId);
            Stream.GestureSeen += g => Out.WriteLine("gesture {0} {1} {2} {3:F6} {4:F6}",
                g.TrackingId, g.Name, g.Phase.ToString().ToLowerInvariant(), (double)g.Progress, (double)g.Confidence);
            using (var receiver = new UdpReceiver(IPAddress.Loopback, 0))
            {
                Out.WriteLine("listening {0}", receiver.Port);
                Run(receiver);
                Out.Write(Messages);
                Out.WriteLine("updates {0}", _updates);
                Out.WriteLine("counted {0} {1} {2}", Stream.Understood, Stream.Strange, receiver.Forgotten);
            }
            Out.Flush();
        }

        private static void Run(UdpReceiver receiver)
        {
            var clock = Stopwatch.StartNew();
            var reader = new OscReader();
            var datagrams = new List<byte[]>();
            while (!_done)
            {
                receiver.Drain(datagrams);
                foreach (byte[] datagram in datagrams)
                {
                    reader.Read(datagram, datagram.Length, Print);
                    Stream.Take(datagram, datagram.Length, clock.Elapsed.TotalSeconds);
                }
                datagrams.Clear();
                Stream.Advance(clock.Elapsed.TotalSeconds);
                Out.Flush();
                Thread.Sleep(8);
            }
        }

        private static void Print(OscMessage message)
        {
            StringBuilder line = Messages.Append(message.Address);
            for (int i = 0; i < message.Types.Length; i++)
            {
                char type = message.Types[i];
                line.Append(' ');
                if (type == 'f') line.Append(((double)message.Float(i)).ToString("F6"));
                if (type == 'i') line.Append(message.Int(i));
                if (type == 's') line.Append(message.String(i));
            }
            line.Append('\n');
            if (message.Address == "/state") foreach (Body body in Stream.Bodies) PrintState(body);
            _done |= message.Address == "/done";
        }

        private static void PrintState(Body body)
        {
            Out.Write("state {0} {1} {2} {3} {4} {5}", body.TrackingId, body.Slot, (int)body.HandLeft,
                (int)body.HandLeftConfidence, (int)body.HandRight, (int)body.HandRightConfidence);
            Quat[] orientations = body.Orientations();
            for (int j = 0; j < Skeleton.JointCount; j++)
            {
                Vec3 p = body.Positions[j];
                Quat q = orientations[j];
                Out.Write(" {0} {1:F6} {2:F6} {3:F6}", (int)body.States[j], (double)p.X, (double)p.Y, (double)p.Z);
                Out.Write(" {0:F6} {1:F6} {2:F6} {3:F6}", (double)q.X, (double)q.Y, (double)q.Z, (double)q.W);
            }
            Out.WriteLine();
        }
    }
}

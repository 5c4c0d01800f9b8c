using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace Bodycast
{
    /// <summary>Receives datagrams on a thread of its own and keeps them until they are asked for.</summary>
    public sealed class UdpReceiver : IDisposable
    {
        /// <summary>At most as many datagrams wait, about six bodies for four seconds; of more, the oldest are forgotten.</summary>
        public const int Room = 20000;

        private const int LargestDatagram = 65536;
        private const int SystemBuffer = 1 << 22;

        private readonly Socket _socket;
        private readonly Thread _thread;
        private readonly Queue<byte[]> _waiting = new Queue<byte[]>();
        private volatile bool _closed;
        private int _forgotten;

        /// <param name="address">Where to listen; IPAddress.Any for all interfaces.</param>
        /// <param name="port">0 lets the system choose.</param>
        /// <exception cref="SocketException">The port is taken, or the address is none of this machine.</exception>
        public UdpReceiver(IPAddress address, int port)
        {
            _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                _socket.ReceiveBufferSize = SystemBuffer; // the system gives what it allows
                _socket.Bind(new IPEndPoint(address, port));
            }
            catch
            {
                _socket.Close();
                throw;
            }
            Port = ((IPEndPoint)_socket.LocalEndPoint).Port;
            _thread = new Thread(Receive) { IsBackground = true, Name = "Bodycast receiver" };
            _thread.Start();
        }

        public int Port { get; private set; }

        /// <summary>How many datagrams were forgotten because nobody asked for them in time.</summary>
        public int Forgotten { get { lock (_waiting) return _forgotten; } }

        /// <summary>Move all that has arrived to the end of <paramref name="datagrams"/>; never waits.</summary>
        public void Drain(List<byte[]> datagrams)
        {
            lock (_waiting)
            {
                datagrams.AddRange(_waiting);
                _waiting.Clear();
            }
        }

        /// <summary>Close the socket and end the thread; closing twice is allowed.</summary>
        public void Dispose()
        {
            _closed = true;
            _socket.Close();
            if (Thread.CurrentThread != _thread) _thread.Join(1000);
        }

        private void Receive()
        {
            var buffer = new byte[LargestDatagram];
            while (!_closed)
            {
                try
                {
                    Keep(buffer, _socket.Receive(buffer));
                }
                catch (SocketException)
                {
                    // Windows tells here that something we sent was refused, or that a datagram was too long: go on.
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private void Keep(byte[] buffer, int length)
        {
            var datagram = new byte[length];
            Buffer.BlockCopy(buffer, 0, datagram, 0, length);
            lock (_waiting)
            {
                while (_waiting.Count >= Room)
                {
                    _waiting.Dequeue();
                    _forgotten++;
                }
                _waiting.Enqueue(datagram);
            }
        }
    }
}

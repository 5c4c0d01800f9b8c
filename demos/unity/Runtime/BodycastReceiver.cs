using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using UnityEngine;
using UnityEngine.Events;

namespace Bodycast
{
    [Serializable]
    public sealed class BodyEvent : UnityEvent<Body> { }

    [Serializable]
    public sealed class GestureEvent : UnityEvent<Gesture> { }

    /// <summary>Receives bodies and gestures from Bodycast, and says so on the main thread:
    /// bodycast run --publish osc+bodycast://127.0.0.1:12345</summary>
    [AddComponentMenu("Bodycast/Bodycast Receiver")]
    [DisallowMultipleComponent]
    public sealed class BodycastReceiver : MonoBehaviour
    {
        [Tooltip("The port that Bodycast sends to. Both osc+bodycast and osc+kinectv2 are understood.")]
        public int port = 12345;

        [Tooltip("Listen on every interface, so that Bodycast may run on another machine.")]
        public bool fromOtherMachines;

        [Tooltip("Seconds after which a person has left that nothing was heard of.")]
        public float patience = 0.5f;

        public BodyEvent onBodyEntered = new BodyEvent();
        public BodyEvent onBodyUpdated = new BodyEvent();
        public BodyEvent onBodyLeft = new BodyEvent();
        public GestureEvent onGesture = new GestureEvent();

        private readonly List<byte[]> _datagrams = new List<byte[]>();
        private UdpReceiver _udp;
        private bool _isNew;
        private int _triedPort;
        private bool _triedOthers;

        /// <summary>What was received, and counts of it.</summary>
        public readonly BodyStream Stream = new BodyStream();

        /// <summary>Everyone in view.</summary>
        public IList<Body> Bodies { get { return Stream.Bodies; } }

        /// <summary>The port that it listens on, or 0 while it does not.</summary>
        public int ListeningPort { get { return _udp != null ? _udp.Port : 0; } }

        private void Awake()
        {
            Stream.Entered += body => onBodyEntered.Invoke(body);
            Stream.Updated += body => onBodyUpdated.Invoke(body);
            Stream.Left += body => onBodyLeft.Invoke(body);
            Stream.GestureSeen += gesture => onGesture.Invoke(gesture);
        }

        private void OnEnable() { _isNew = true; }

        private void OnDisable()
        {
            Close();
            Stream.Clear();
        }

        private void Update()
        {
            if (_isNew || port != _triedPort || fromOtherMachines != _triedOthers) Open();
            double now = Time.realtimeSinceStartup;
            if (_udp != null) _udp.Drain(_datagrams);
            foreach (byte[] datagram in _datagrams) Stream.Take(datagram, datagram.Length, now);
            _datagrams.Clear();
            Stream.Patience = patience;
            Stream.Advance(now);
        }

        private void Open()
        {
            Close();
            _isNew = false;
            _triedPort = port;
            _triedOthers = fromOtherMachines;
            try
            {
                _udp = new UdpReceiver(fromOtherMachines ? IPAddress.Any : IPAddress.Loopback, port);
            }
            catch (Exception error) when (error is SocketException || error is ArgumentOutOfRangeException)
            {
                Debug.LogError("Bodycast: cannot listen on port " + port + ": " + error.Message +
                    " Choose another port here and for bodycast run, or end the program that has it.", this);
            }
        }

        private void Close()
        {
            if (_udp != null) _udp.Dispose();
            _udp = null;
        }
    }
}

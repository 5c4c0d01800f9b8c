using System;
using UnityEngine;
using UnityEngine.Events;

namespace Bodycast
{
    [Serializable]
    public sealed class ProgressEvent : UnityEvent<float> { }

    /// <summary>Calls what you connect in the inspector when somebody makes one gesture.</summary>
    [AddComponentMenu("Bodycast/Gesture Trigger")]
    public sealed class GestureTrigger : MonoBehaviour
    {
        [Tooltip("The receiver; the first one in the scene, if it is left empty.")]
        public BodycastReceiver receiver;

        [Tooltip("For example raise_right_hand.")]
        public string gesture = "raise_right_hand";

        [Tooltip("A pose has begun, or a movement was detected.")]
        public UnityEvent onStarted = new UnityEvent();

        [Tooltip("A pose has ended.")]
        public UnityEvent onEnded = new UnityEvent();

        [Tooltip("How far the gesture has come, 0 to 1, of whoever has come furthest.")]
        public ProgressEvent onProgress = new ProgressEvent();

        private float _progress;

        private void OnEnable()
        {
            if (receiver == null) receiver = FindObjectOfType<BodycastReceiver>();
            if (receiver != null) receiver.onGesture.AddListener(OnGesture);
            else Debug.LogWarning("Bodycast: there is no BodycastReceiver in the scene.", this);
        }

        private void OnDisable()
        {
            if (receiver != null) receiver.onGesture.RemoveListener(OnGesture);
        }

        private void Update()
        {
            if (receiver == null) return;
            float progress = 0;
            foreach (Body body in receiver.Bodies) progress = Math.Max(progress, body.Progress(gesture));
            if (progress == _progress) return;
            _progress = progress;
            onProgress.Invoke(progress);
        }

        private void OnGesture(Gesture seen)
        {
            if (seen.Name != gesture) return;
            if (seen.Phase == GesturePhase.Started || seen.Phase == GesturePhase.Detected) onStarted.Invoke();
            if (seen.Phase == GesturePhase.Ended) onEnded.Invoke();
        }
    }
}

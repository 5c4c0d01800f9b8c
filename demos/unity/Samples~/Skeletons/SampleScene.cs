using System.Collections.Generic;
using UnityEngine;

namespace Bodycast.Samples
{
    /// <summary>Builds its scene from code: put it on an empty object in an empty scene, and press Play. A camera where Bodycast's
    /// is, a floor, everyone in view as skeletons, and in the corner who makes which gesture.</summary>
    public sealed class SampleScene : MonoBehaviour
    {
        private const float FloorBelow = 1f; // metres below the camera

        [Tooltip("A humanoid avatar of the scene, if you have one: it follows the first person.")]
        public Animator avatar;

        private readonly Dictionary<ulong, string> _gestures = new Dictionary<ulong, string>();
        private BodycastReceiver _receiver;

        private void Start()
        {
            _receiver = GetComponent<BodycastReceiver>();
            if (_receiver == null) _receiver = gameObject.AddComponent<BodycastReceiver>();
            _receiver.onGesture.AddListener(OnGesture);
            gameObject.AddComponent<SkeletonView>();
            PlaceCamera();
            PlaceLight();
            PlaceFloor();
            if (avatar != null && avatar.GetComponent<HumanoidRetargeting>() == null)
                avatar.gameObject.AddComponent<HumanoidRetargeting>().receiver = _receiver;
        }

        private void OnGUI()
        {
            if (_receiver.Bodies.Count == 0)
                GUILayout.Label("Nobody is in view. Bodycast sends here with\n" +
                    "bodycast run --publish osc+bodycast://127.0.0.1:" + _receiver.ListeningPort);
            foreach (Body body in _receiver.Bodies)
            {
                string gesture;
                _gestures.TryGetValue(body.TrackingId, out gesture);
                GUILayout.Label("person " + (body.Slot + 1) + "  " + gesture);
            }
        }

        private void OnGesture(Gesture gesture)
        {
            if (gesture.Phase == GesturePhase.Ended) _gestures.Remove(gesture.TrackingId);
            else _gestures[gesture.TrackingId] = gesture.Name;
        }

        private static void PlaceCamera()
        {
            Camera camera = Camera.main != null ? Camera.main : new GameObject("Camera").AddComponent<Camera>();
            camera.fieldOfView = 50;
            camera.transform.position = Vector3.zero;
            camera.transform.rotation = Quaternion.Euler(5, 180, 0); // along -Z, where Bodycast's camera looks
        }

        private static void PlaceLight()
        {
            if (FindObjectOfType<Light>() != null) return;
            Light light = new GameObject("Light").AddComponent<Light>();
            light.type = LightType.Directional;
            light.transform.rotation = Quaternion.Euler(50, 150, 0);
        }

        private static void PlaceFloor()
        {
            GameObject floor = GameObject.CreatePrimitive(PrimitiveType.Plane);
            floor.name = "Floor";
            floor.transform.position = new Vector3(0, -FloorBelow, -4);
        }
    }
}

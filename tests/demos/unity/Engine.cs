// Test only: as much of UnityEngine and UnityEditor as the package uses, by their public documentation; left-handed, Y up.
// Vectors, rotations, transforms and the order of calls do what Unity's do; everything that is only seen does nothing.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace UnityEngine
{
    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
        public static Vector3 zero { get { return new Vector3(); } }
        public static Vector3 one { get { return new Vector3(1, 1, 1); } }
        public static Vector3 up { get { return new Vector3(0, 1, 0); } }
        public float magnitude { get { return (float)Math.Sqrt(Dot(this, this)); } }
        public Vector3 normalized { get { return magnitude > 1e-5f ? 1 / magnitude * this : zero; } }
        public static float Dot(Vector3 a, Vector3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
        public static Vector3 Cross(Vector3 a, Vector3 b)
        {
            return new Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
        }
        public static Vector3 operator +(Vector3 a, Vector3 b) { return new Vector3(a.x + b.x, a.y + b.y, a.z + b.z); }
        public static Vector3 operator -(Vector3 a, Vector3 b) { return new Vector3(a.x - b.x, a.y - b.y, a.z - b.z); }
        public static Vector3 operator *(float s, Vector3 a) { return new Vector3(s * a.x, s * a.y, s * a.z); }
        public static Vector3 operator *(Vector3 a, float s) { return s * a; }
    }

    public struct Quaternion
    {
        public float x, y, z, w;
        public Quaternion(float x, float y, float z, float w) { this.x = x; this.y = y; this.z = z; this.w = w; }
        public static Quaternion identity { get { return new Quaternion(0, 0, 0, 1); } }
        public static Quaternion Inverse(Quaternion q) { return new Quaternion(-q.x, -q.y, -q.z, q.w); }
        public static Quaternion AngleAxis(float degrees, Vector3 axis)
        {
            float half = degrees * (float)Math.PI / 360;
            Vector3 v = (float)Math.Sin(half) * axis.normalized;
            return new Quaternion(v.x, v.y, v.z, (float)Math.Cos(half));
        }
        public static Quaternion Euler(float x, float y, float z) // z first, then x, then y
        {
            return AngleAxis(y, Vector3.up) * AngleAxis(x, new Vector3(1, 0, 0)) * AngleAxis(z, new Vector3(0, 0, 1));
        }
        public static Quaternion FromToRotation(Vector3 from, Vector3 to)
        {
            Vector3 a = from.normalized, b = to.normalized, axis = Vector3.Cross(a, b);
            if (axis.magnitude < 1e-6f) return Vector3.Dot(a, b) >= 0 ? identity : AngleAxis(180, new Vector3(a.y, a.z, a.x));
            return AngleAxis((float)(Math.Atan2(axis.magnitude, Vector3.Dot(a, b)) * 180 / Math.PI), axis);
        }
        public static Quaternion operator *(Quaternion a, Quaternion b)
        {
            return new Quaternion(
                a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y, a.w * b.y + a.y * b.w + a.z * b.x - a.x * b.z,
                a.w * b.z + a.z * b.w + a.x * b.y - a.y * b.x, a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);
        }
        public static Vector3 operator *(Quaternion q, Vector3 v)
        {
            Quaternion turned = q * new Quaternion(v.x, v.y, v.z, 0) * Inverse(q);
            return new Vector3(turned.x, turned.y, turned.z);
        }
    }

    public struct Color
    {
        public float r, g, b, a;
        public Color(float r, float g, float b) { this.r = r; this.g = g; this.b = b; a = 1; }
    }

    public static class Mathf
    {
        public static float Max(float a, float b) { return Math.Max(a, b); }
        public static float Min(float a, float b) { return Math.Min(a, b); }
    }

    public static class Time { public static float realtimeSinceStartup { get; set; } }

    public static class Debug
    {
        public static void LogError(string message, Object about) { Console.WriteLine("error " + message); }
        public static void LogWarning(string message, Object about) { Console.WriteLine("warning " + message); }
    }

    public class Object
    {
        public virtual string name { get; set; }
        public static void Destroy(Object what)
        {
            var made = what as GameObject;
            if (made != null) made.transform.SetParent(null, false);
            if (made != null) Scene.Remove(made);
        }
        public static T FindObjectOfType<T>() where T : Object { return Scene.All.SelectMany(o => o.Components).OfType<T>().FirstOrDefault(); }
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform { get { return gameObject.transform; } }
        public T GetComponent<T>() where T : class { return gameObject.GetComponent<T>(); }
    }

    public class Behaviour : Component { public bool enabled = true; }

    public class MonoBehaviour : Behaviour { internal bool HasStarted; }

    public class Transform : Component
    {
        private readonly List<Transform> _children = new List<Transform>();
        public Vector3 localPosition, localScale = Vector3.one;
        public Quaternion localRotation = Quaternion.identity;
        public Transform parent { get; private set; }
        public IEnumerable<Transform> Children { get { return _children; } }
        public void SetParent(Transform to, bool worldPositionStays)
        {
            if (parent != null) parent._children.Remove(this);
            parent = to;
            if (to != null) to._children.Add(this);
        }
        public Quaternion rotation
        {
            get { return parent == null ? localRotation : parent.rotation * localRotation; }
            set { localRotation = parent == null ? value : Quaternion.Inverse(parent.rotation) * value; }
        }
        public Vector3 position
        {
            get { return parent == null ? localPosition : parent.TransformPoint(localPosition); }
            set { localPosition = parent == null ? value : parent.InverseTransformPoint(value); }
        }
        public Vector3 TransformPoint(Vector3 p) // like InverseTransformPoint, without scales: nothing here is scaled but leaves
        {
            return position + rotation * p;
        }
        public Vector3 InverseTransformPoint(Vector3 p) { return Quaternion.Inverse(rotation) * (p - position); }
    }

    public sealed class GameObject : Object
    {
        public readonly List<Component> Components = new List<Component>();
        public GameObject(string name)
        {
            this.name = name;
            transform = new Transform { gameObject = this };
            activeSelf = true;
            Scene.All.Add(this);
        }
        public Transform transform { get; private set; }
        public bool activeSelf { get; private set; }
        public void SetActive(bool active) { activeSelf = active; }
        public T AddComponent<T>() where T : Component, new()
        {
            var made = new T { gameObject = this };
            Components.Add(made);
            Scene.Call(made, "Awake");
            Scene.Call(made, "OnEnable");
            return made;
        }
        public T GetComponent<T>() where T : class { return Components.OfType<T>().FirstOrDefault(); }
        public static GameObject CreatePrimitive(PrimitiveType shape)
        {
            var made = new GameObject(shape.ToString());
            made.AddComponent<Collider>();
            made.AddComponent<Renderer>();
            return made;
        }
    }

    /// <summary>What calls the components: all Starts, then all Updates, then all LateUpdates.</summary>
    public static class Scene
    {
        public static readonly List<GameObject> All = new List<GameObject>();
        public static void Step(float time)
        {
            Time.realtimeSinceStartup = time;
            foreach (MonoBehaviour each in Behaviours().Where(b => !b.HasStarted))
            {
                each.HasStarted = true;
                Call(each, "Start");
            }
            foreach (MonoBehaviour each in Behaviours()) Call(each, "Update");
            foreach (MonoBehaviour each in Behaviours()) Call(each, "LateUpdate");
            GUILayout.Labels.Clear();
            foreach (MonoBehaviour each in Behaviours()) Call(each, "OnGUI");
        }
        public static void Remove(GameObject what)
        {
            foreach (Component each in what.Components) Call(each, "OnDisable");
            foreach (Transform child in what.transform.Children.ToList()) Remove(child.gameObject);
            All.Remove(what);
        }
        internal static void Call(Component on, string method)
        {
            MethodInfo found = on.GetType().GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
            if (found != null) found.Invoke(on, null);
        }
        private static List<MonoBehaviour> Behaviours()
        {
            return All.SelectMany(o => o.Components).OfType<MonoBehaviour>().Where(b => b.enabled).ToList();
        }
    }

    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube, Plane, Quad }
    public class Collider : Component { }
    public class Renderer : Component { public void SetPropertyBlock(MaterialPropertyBlock block) { } }
    public sealed class MaterialPropertyBlock { public void SetColor(string name, Color color) { } }
    public sealed class Camera : Behaviour { public float fieldOfView; public static Camera main { get { return FindObjectOfType<Camera>(); } } }
    public enum LightType { Spot, Directional }
    public sealed class Light : Behaviour { public LightType type; }
    public static class GUILayout
    {
        public static readonly List<string> Labels = new List<string>(); // of the newest step
        public static void Label(string text) { Labels.Add(text.Replace('\n', ' ')); }
    }

    public enum HumanBodyBones
    {
        Hips, LeftUpperLeg, RightUpperLeg, LeftLowerLeg, RightLowerLeg, LeftFoot, RightFoot, Spine, Chest, Neck, Head, LeftShoulder,
        RightShoulder, LeftUpperArm, RightUpperArm, LeftLowerArm, RightLowerArm, LeftHand, RightHand, LeftToes, RightToes,
        LeftThumbIntermediate = 25, LeftMiddleProximal = 30, RightThumbIntermediate = 40, RightMiddleProximal = 45, UpperChest = 54,
    }

    public sealed class Animator : Behaviour
    {
        public readonly Dictionary<HumanBodyBones, Transform> Bones = new Dictionary<HumanBodyBones, Transform>();
        public bool isHuman { get { return Bones.Count > 0; } }
        public Transform GetBoneTransform(HumanBodyBones bone)
        {
            Transform found;
            return Bones.TryGetValue(bone, out found) ? found : null;
        }
    }

    public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string text) { } }
    public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string path) { } }
    public sealed class DisallowMultipleComponent : Attribute { }
    public sealed class RequireComponent : Attribute { public RequireComponent(Type type) { } }
}

namespace UnityEngine.Events
{
    public class UnityEvent
    {
        private readonly List<Action> _listeners = new List<Action>();
        public void AddListener(Action listener) { _listeners.Add(listener); }
        public void Invoke() { foreach (Action each in _listeners.ToArray()) each(); }
    }

    public class UnityEvent<T>
    {
        private readonly List<Action<T>> _listeners = new List<Action<T>>();
        public void AddListener(Action<T> listener) { _listeners.Add(listener); }
        public void RemoveListener(Action<T> listener) { _listeners.Remove(listener); }
        public void Invoke(T value) { foreach (Action<T> each in _listeners.ToArray()) each(value); }
    }
}

namespace UnityEditor
{
    public sealed class MenuItem : Attribute { public MenuItem(string path, bool validates, int priority) { } }
    public static class Undo { public static void RegisterCreatedObjectUndo(UnityEngine.Object made, string title) { } }
    public static class Selection { public static UnityEngine.GameObject activeGameObject { get; set; } }
}

using UnityEditor;
using UnityEngine;

namespace Bodycast
{
    /// <summary>GameObject > Bodycast in the editor's menu.</summary>
    internal static class BodycastMenu
    {
        [MenuItem("GameObject/Bodycast/Receiver with skeletons", false, 10)]
        private static void AddReceiver()
        {
            var made = new GameObject("Bodycast");
            made.AddComponent<BodycastReceiver>();
            made.AddComponent<SkeletonView>();
            Undo.RegisterCreatedObjectUndo(made, "Add Bodycast");
            Selection.activeGameObject = made;
        }
    }
}

# Adds the nodes BodycastReceiver and BodycastSkeletons to the editor.
tool
extends EditorPlugin


func _enter_tree() -> void:
	add_custom_type("BodycastReceiver", "Node", preload("receiver.gd"), null)
	add_custom_type("BodycastSkeletons", "Spatial", preload("skeletons.gd"), null)


func _exit_tree() -> void:
	remove_custom_type("BodycastReceiver")
	remove_custom_type("BodycastSkeletons")

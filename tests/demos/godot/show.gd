# Test only: plays the sample scene, and at the gesture "dump" prints where everything is; "quit" ends it.
extends SceneTree

var scene = load("res://sample.tscn").instance()


func _init() -> void:
	Engine.target_fps = 60
	scene.receiver.port = int(OS.get_environment("BODYCAST_PORT"))
	scene.receiver.patience = 5.0
	scene.receiver.connect("gesture", self, "_on_gesture")
	root.add_child(scene)
	print("listening ", scene.receiver.port)


func _on_gesture(_id, gesture_name, _phase, _progress, _confidence) -> void:
	if gesture_name == "quit":
		quit()
	if gesture_name == "dump":
		call_deferred("_dump")


func _dump() -> void:
	yield(self, "idle_frame")
	yield(self, "idle_frame")
	for node in scene.get_children():
		if node.has_method("_between"):
			for figure in node.get_children():
				for part in figure.get_children():
					var at: Vector3 = part.transform.origin
					var end: Vector3 = part.transform.xform(Vector3(0, 0.5, 0))
					print("part %d %.5f %.5f %.5f %.5f %.5f %.5f %.5f" % (
						[int(part.visible), at.x, at.y, at.z, end.x, end.y, end.z, part.transform.basis.x.length()]
					))
		if node is Label:
			print("label ", node.text.strip_edges().replace("\n", " "))
	print("dumped")

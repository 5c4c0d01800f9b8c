# Test only: prints what a BodycastReceiver says, one event a line, until the message /done, and then each message.
extends SceneTree

const Receiver = preload("res://addons/bodycast/receiver.gd")

var receiver := Receiver.new()
var updates := 0


func _init() -> void:
	Engine.target_fps = 60
	receiver.port = int(OS.get_environment("BODYCAST_PORT"))
	receiver.patience = float(OS.get_environment("BODYCAST_PATIENCE"))
	receiver.stream = load(OS.get_environment("BODYCAST_TAP")).new(receiver)
	receiver.connect("body_entered", self, "_on_entered")
	receiver.connect("body_updated", self, "_on_updated")
	receiver.connect("body_left", self, "_on_left")
	receiver.connect("gesture", self, "_on_gesture")
	root.add_child(receiver)
	print("listening ", receiver.port)


func _idle(_delta: float) -> bool:
	if receiver.stream.is_done:
		for line in receiver.stream.lines:
			print(line)
		print("updates ", updates)
		print("counted %d %d %d" % [receiver.stream.understood, receiver.stream.strange, receiver.forgotten])
		quit()
	return false


func _on_entered(body) -> void:
	print("entered %s %d" % [body.id, body.slot])


func _on_updated(_body) -> void:
	updates += 1


func _on_left(body) -> void:
	print("left ", body.id)


func _on_gesture(id, gesture_name, phase, progress, confidence) -> void:
	print("gesture %s %s %s %.6f %.6f" % [id, gesture_name, phase, progress, confidence])

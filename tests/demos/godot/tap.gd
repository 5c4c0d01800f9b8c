# Test only: a BodyStream that keeps each message as a line, and at /state prints everyone in view.
extends "res://addons/bodycast/body_stream.gd"

var is_done := false
var lines := []


func _init(owner: Object).(owner) -> void:
	pass


func take_message(message: Array) -> void:
	var line: String = message[0]
	for number in range(2, message.size()):
		line += " %.6f" % message[number] if message[number] is float else " " + str(message[number])
	lines.append(line)
	if message[0] == "/state":
		for body in bodies.values():
			_print_state(body)
	is_done = is_done or message[0] == "/done"
	.take_message(message)


func _print_state(body) -> void:
	var hands := [body.hand_left, int(body.hand_left_sure), body.hand_right, int(body.hand_right_sure)]
	var line := "state %s %d %d %d %d %d" % ([body.id, body.slot] + hands)
	for j in range(Body.JOINTS.size()):
		var p: Vector3 = body.positions[j]
		var q: Quat = body.orientations[j]
		line += " %d %.6f %.6f %.6f %.6f %.6f %.6f %.6f" % [body.states[j], p.x, p.y, p.z, q.x, q.y, q.z, q.w]
	print(line)

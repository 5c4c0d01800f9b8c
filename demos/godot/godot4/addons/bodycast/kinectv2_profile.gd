# Understands the messages of KinectV2-OSC, and Bodycast's gestures beside them:
# /bodies/{id}/joints/{Joint} ,fffs; /bodies/{id}/hands/{Left|Right} ,ss; /bodies/{id}/gestures/{name} ,ff;
# /gesture/{name} ,ssff.
extends RefCounted

const Body = preload("body.gd")
const PHASES := ["started", "held", "ended", "detected"]
const LONGEST_ID := 20  # digits of a number of 64 bits
const MOST_ADDRESSES := 1024  # six bodies have 162, and as many again for each change of people

# What is known of each address: what it is about, the body's id, and a joint's number or a name. Empty if it is none.
var _routes := {}
var _joints := {}


func _init() -> void:
	for number in range(Body.JOINTS.size()):
		_joints[Body.JOINTS[number]] = number


# Whether it was a message of this profile, and right; the stream has been told then.
func take(message: Array, stream) -> bool:
	var route = _routes.get(message[0])
	if route == null:
		if _routes.size() >= MOST_ADDRESSES:
			_routes.clear()
		route = _route(message[0].split("/"))
		_routes[message[0]] = route
	if route.size() == 0:
		return false
	match route[0]:
		"joints":
			return _take_joint(route[1], route[2], message, stream)
		"hands":
			return _take_hand(route[1], route[2], message, stream)
		"gestures":
			return _take_progress(route[1], route[2], message, stream)
	return _take_gesture(route[2], message, stream)


func _route(parts: PackedStringArray) -> Array:  # the first part is empty
	if parts.size() == 3 and parts[1] == "gesture":
		return ["gesture", "", parts[2]]
	if parts.size() != 5 or parts[1] != "bodies" or not is_id(parts[2]):
		return []
	if parts[3] == "joints" and parts[4] in _joints:
		return ["joints", parts[2], _joints[parts[4]]]
	if (parts[3] == "hands" and parts[4] in ["Left", "Right"]) or parts[3] == "gestures":
		return [parts[3], parts[2], parts[4]]
	return []


func _take_joint(id: String, number: int, message: Array, stream) -> bool:
	if message[1] != "fffs":
		return false
	var state := Body.TRACKING_NAMES.find(message[5])
	var place := Vector3(message[2], message[3], message[4])
	if state < 0 or not place.length_squared() < INF:  # which is so for what is not a number, too
		return false
	var body = stream.hear(id)
	if body == null:
		return false
	body.positions[number] = place
	body.states[number] = state
	body.has_changed = true
	return true


func _take_hand(id: String, side: String, message: Array, stream) -> bool:
	if message[1] != "ss" or not message[3] in ["High", "Low"]:
		return false
	var state := Body.HAND_STATE_NAMES.find(message[2])
	var body = stream.hear(id) if state >= 0 else null
	if body == null:
		return false
	if side == "Left":
		body.hand_left = state
		body.hand_left_sure = message[3] == "High"
	else:
		body.hand_right = state
		body.hand_right_sure = message[3] == "High"
	body.has_changed = true
	return true


func _take_progress(id: String, gesture_name: String, message: Array, stream) -> bool:
	var body = stream.bodies.get(id)
	if body == null or message[1] != "ff":
		return false
	body.set_progress(gesture_name, message[2])
	return true


func _take_gesture(gesture_name: String, message: Array, stream) -> bool:
	if message[1] != "ssff" or not is_id(message[2]) or not message[3] in PHASES:
		return false
	stream.tell(message[2], gesture_name, message[3], message[4], message[5])
	return true


static func is_id(text: String) -> bool:
	if text.length() == 0 or text.length() > LONGEST_ID:
		return false
	for digit in text:
		if not digit in "0123456789":
			return false
	return true

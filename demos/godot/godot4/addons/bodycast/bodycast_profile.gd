# Understands Bodycast's own messages, which come in bundles from /bodycast/alive to /bodycast/frame:
# /bodycast/{slot}/body, /bodycast/{slot}/joints/{Joint}, /bodycast/{slot}/gestures/{name}, enter, leave and floor.
extends RefCounted

const Body = preload("body.gd")
const KinectV2Profile = preload("kinectv2_profile.gd")
const PREFIX := "/bodycast/"
const TYPES := {
	"enter": "is",
	"leave": "is",
	"floor": "ffff",
	"frame": "iiif",
	"body": "siiiiiff",
	"joints": "fffffffi",
	"gestures": "ssff",
}
const MOST_ADDRESSES := 1024  # six slots have 156, and one more for each gesture
const SLOTS := ["0", "1", "2", "3", "4", "5"]

# What is known of each address: what it is about, the slot, and a joint's number or a name. Empty if it is none.
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
	if route.size() == 0 or (route[0] != "alive" and message[1] != TYPES[route[0]]):
		return false
	if route[0] == "joints":
		return _take_joint(route[1], route[2], message, stream)
	if route[0] == "gestures":
		return _take_gesture(route[2], message, stream)
	return call("_take_" + route[0], route[1], message, stream)


func _route(parts: PackedStringArray) -> Array:  # the first part is empty, the second bodycast
	if parts.size() == 3 and parts[2] in ["alive", "enter", "leave", "floor", "frame"]:
		return [parts[2], -1, ""]
	if parts.size() < 4 or not parts[2] in SLOTS:
		return []
	var slot := SLOTS.find(parts[2])
	if parts.size() == 4:
		return ["body", slot, ""] if parts[3] == "body" else []
	if parts.size() != 5 or parts[4] == "":
		return []
	if parts[3] == "joints" and parts[4] in _joints:
		return ["joints", slot, _joints[parts[4]]]
	return ["gestures", slot, parts[4]] if parts[3] == "gestures" else []


func _take_alive(_slot: int, message: Array, stream) -> bool:
	for body in stream.bodies.values():
		if message.find(body.slot, 2) < 0:
			stream.leave(body)
	return true


func _take_enter(_slot: int, message: Array, stream) -> bool:
	return message[2] in range(SLOTS.size()) and _hear(message[3], message[2], stream) != null


func _take_leave(_slot: int, message: Array, stream) -> bool:
	if message[3] in stream.bodies:
		stream.leave(stream.bodies[message[3]])
	return true


func _take_floor(_slot: int, message: Array, stream) -> bool:
	stream.ground = Plane(message[2], message[3], message[4], -message[5])
	return true


func _take_frame(_slot: int, message: Array, stream) -> bool:
	stream.frame_number = message[2]
	stream.capture_time = message[3] + 1e-6 * message[4]
	stream.latency = message[5]
	return true


func _take_body(slot: int, message: Array, stream) -> bool:
	for number in range(3, 7):
		if message[number] < 0 or message[number] > (Body.HandState.LASSO if number % 2 == 1 else 1):
			return false
	var body = _hear(message[2], slot, stream)
	if body == null:
		return false
	body.hand_left = message[3]
	body.hand_left_sure = message[4] == 1
	body.hand_right = message[5]
	body.hand_right_sure = message[6] == 1
	body.clipped_edges = message[7]
	body.lean = Vector2(message[8], message[9])
	body.has_changed = true
	return true


func _take_joint(slot: int, number: int, message: Array, stream) -> bool:
	var place := Vector3(message[2], message[3], message[4])
	var turn := Quaternion(message[5], message[6], message[7], message[8])
	var state: int = message[9]
	var body = stream.in_slot(slot)
	if body == null or state < 0 or state > Body.Tracking.TRACKED:
		return false
	if not (place.length_squared() < INF and turn.length_squared() < INF):  # so for what is not a number, too
		return false
	body.positions[number] = place
	body.orientations[number] = turn
	body.states[number] = state
	body.has_changed = true
	return true


func _take_gesture(gesture_name: String, message: Array, stream) -> bool:
	var is_discrete: bool = message[3] in KinectV2Profile.PHASES
	if not KinectV2Profile.is_id(message[2]) or not (is_discrete or message[3] == "progress"):
		return false
	var body = stream.bodies.get(message[2])
	if body != null:
		body.set_progress(gesture_name, 0.0 if message[3] == "ended" else message[4])
	if is_discrete:
		stream.tell(message[2], gesture_name, message[3], message[4], message[5])
	return true


# The body of that id in that slot; whoever had the slot before has left.
func _hear(id: String, slot: int, stream):
	if not KinectV2Profile.is_id(id):
		return null
	for body in [stream.in_slot(slot), stream.bodies.get(id)]:
		if body != null and (body.id != id or body.slot != slot):
			stream.leave(body)
	return stream.hear(id, slot)

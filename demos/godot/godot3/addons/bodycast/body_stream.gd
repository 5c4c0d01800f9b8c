# Everyone in view, from packets of the profiles kinectv2 and bodycast. The time is an argument, in milliseconds.
# Its owner has the signals of receiver.gd, and emits them.
extends Reference

const Body = preload("body.gd")
const BodycastProfile = preload("bodycast_profile.gd")
const KinectV2Profile = preload("kinectv2_profile.gd")
const OscReader = preload("osc_reader.gd")
const MAX_BODIES := 6

# Milliseconds after which a body has left that nothing was heard of.
var patience := 500
# Everyone in view, by id.
var bodies := {}
# The newest frame's number, its capture time in seconds on the source's clock, the seconds from the capture to the
# sending (-1 where that is not known), and the floor (without a normal where it is not known). Only bodycast tells.
var frame_number := 0
var capture_time := 0.0
var latency := -1.0
var ground := Plane(Vector3(), 0)
# How many messages were understood, and how many packets or messages were not.
var understood := 0
var strange := 0

var _reader = OscReader.new()
var _bodycast = BodycastProfile.new()
var _kinectv2 = KinectV2Profile.new()
var _now := 0
var _owner: Object


func _init(owner: Object) -> void:
	_owner = owner


# Take one packet, whatever it holds.
func take(packet: PoolByteArray, now: int) -> void:
	_now = now
	for message in _reader.read(packet):
		take_message(message)
	if not _reader.was_right:
		strange += 1


# Take one message: address, types, and then the arguments.
func take_message(message: Array) -> void:
	var profile = _bodycast if message[0].begins_with(BodycastProfile.PREFIX) else _kinectv2
	if profile.take(message, self):
		understood += 1
	else:
		strange += 1


# Tell of everyone who has moved since the last call, and of everyone who was silent for too long.
func advance(now: int) -> void:
	for body in bodies.values():
		if body.has_changed:
			body.has_changed = false
			_owner.emit_signal("body_updated", body)
		if now - body.last_heard > patience:
			leave(body)


# Everyone leaves, as when the stream is closed.
func clear() -> void:
	for body in bodies.values():
		leave(body)


func leave(body) -> void:
	if bodies.erase(body.id):
		_owner.emit_signal("body_left", body)


# The body of that id, made if it is new; null where six others are in view, or another in its slot.
func hear(id: String, slot: int = -1):
	var body = bodies.get(id)
	if body == null:
		if slot < 0:
			slot = _free_slot()
		if slot < 0 or in_slot(slot) != null:
			return null
		body = Body.new()
		body.id = id
		body.slot = slot
		bodies[id] = body
		_owner.emit_signal("body_entered", body)
	body.last_heard = _now
	return body


func in_slot(slot: int):
	for body in bodies.values():
		if body.slot == slot:
			return body
	return null


func tell(id: String, gesture_name: String, phase: String, progress: float, confidence: float) -> void:
	_owner.emit_signal("gesture", id, gesture_name, phase, progress, confidence)


func _free_slot() -> int:
	for slot in range(MAX_BODIES):
		if in_slot(slot) == null:
			return slot
	return -1

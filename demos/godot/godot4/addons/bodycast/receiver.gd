# Receives bodies and gestures from Bodycast: add it to a scene, connect its signals, and start Bodycast:
#     bodycast run --publish osc+kinectv2://127.0.0.1:12345
extends Node

# A person was seen first; has moved; is in view no more. The body is an object of body.gd.
signal body_entered(body)
signal body_updated(body)
signal body_left(body)
# Whose gesture (the body's id), its name, "started", "held", "ended" or "detected", and 0 to 1 twice.
signal gesture(id, gesture_name, phase, progress, confidence)

const BodyStream = preload("body_stream.gd")
# At most as many packets wait, about six bodies for four seconds; of more, the oldest are forgotten.
const ROOM := 20000
const SYSTEM_BUFFER := 1 << 20

# The port that Bodycast sends to.
@export var port: int = 12345
# Where to listen; "*" for every interface, so that Bodycast may run on another machine.
@export var address: String = "127.0.0.1"
# Seconds after which a person has left that nothing was heard of.
@export var patience: float = 0.5

# Everyone in view, and counts of what was received.
var stream = BodyStream.new(self)
# How many packets were forgotten because the scene did not ask for them in time.
var forgotten := 0

var _udp := PacketPeerUDP.new()
var _thread := Thread.new()
var _mutex := Mutex.new()
var _waiting := []
var _is_open := false


func _ready() -> void:
	open()


func _exit_tree() -> void:
	close()


# Listen; true if the port could be had.
func open() -> bool:
	close()
	var error := _udp.bind(port, address, SYSTEM_BUFFER)
	if error != OK:
		push_error("Bodycast: cannot listen on %s:%d (error %d); is another program there?" % [address, port, error])
		return false
	_is_open = true
	_thread.start(_receive)
	return true


# Stop listening; everyone leaves.
func close() -> void:
	if _is_open:
		_is_open = false
		_thread.wait_to_finish()
		_udp.close()
	stream.clear()


# Everyone in view.
func bodies() -> Array:
	return stream.bodies.values()


func _process(_delta: float) -> void:
	var now := Time.get_ticks_msec()
	_mutex.lock()
	var packets := _waiting
	_waiting = []
	_mutex.unlock()
	for packet in packets:
		stream.take(packet, now)
	stream.patience = int(patience * 1000)
	stream.advance(now)


# Runs on the thread: a scene that draws slowly loses nothing.
func _receive(_nothing = null) -> void:
	while _is_open:
		while _udp.get_available_packet_count() > 0:
			var packet := _udp.get_packet()
			_mutex.lock()
			_waiting.append(packet)
			if _waiting.size() > ROOM:
				_waiting.pop_front()
				forgotten += 1
			_mutex.unlock()
		OS.delay_msec(1)

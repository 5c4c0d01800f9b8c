# Reads Open Sound Control 1.0. Whatever a packet holds, reading ends, and never beyond the packet's end.
extends RefCounted

const MAX_DEPTH := 8
const MAX_ARGUMENTS := 512
# Bytes that arguments take; texts and blobs tell by themselves.
const SIZES := {
	"i": 4, "f": 4, "c": 4, "r": 4, "m": 4, "h": 8, "d": 8, "t": 8, "T": 0, "F": 0, "N": 0, "I": 0, "[": 0, "]": 0
}

# Whether all of the last packet was OSC; the messages before a fault are returned.
var was_right := true

var _bytes: PackedByteArray
var _stream := StreamPeerBuffer.new()


func _init() -> void:
	_stream.big_endian = true


# The messages of a packet, those in bundles included: arrays of address, types, and then the arguments.
func read(packet: PackedByteArray) -> Array:
	var messages := []
	_bytes = packet
	_stream.data_array = packet
	was_right = _read_packet(0, packet.size(), 0, messages)
	return messages


func _read_packet(start: int, end: int, depth: int, messages: Array) -> bool:
	if end - start < 4 or depth > MAX_DEPTH or (end - start) % 4 != 0:
		return false
	if _bytes[start] == 47:  # a slash
		return _read_message(start, end, messages)
	return _bytes[start] == 35 and _read_bundle(start, end, depth, messages)  # a hash


func _read_bundle(start: int, end: int, depth: int, messages: Array) -> bool:
	if end - start < 16 or _text(start, start + 8) != "#bundle":
		return false
	var at := start + 16  # after the name and the time tag
	while at < end:
		if end - at < 4:
			return false
		_stream.seek(at)
		var size := _stream.get_32()
		at += 4
		if size < 0 or size > end - at or not _read_packet(at, at + size, depth + 1, messages):
			return false
		at += size
	return true


func _read_message(start: int, end: int, messages: Array) -> bool:
	var types_at := _after_text(start, end)
	if types_at < 0 or types_at >= end or _bytes[types_at] != 44:  # a comma
		return false
	var at := _after_text(types_at, end)
	if at < 0:
		return false
	var types := _text(types_at + 1, at)
	if types.length() > MAX_ARGUMENTS:
		return false
	var message := [_text(start, types_at), types]
	_stream.seek(at)
	for type in types:
		if type == "f" and at + 4 <= end:
			message.append(_stream.get_float())
			at += 4
		elif type == "i" and at + 4 <= end:
			message.append(_stream.get_32())
			at += 4
		else:
			var after := _after_argument(type, at, end)
			if after < at or after > end:
				return false
			message.append(_text(at, after) if type == "s" else null)
			at = after
			_stream.seek(at)
	messages.append(message)
	return true


# Where an argument ends, or -1. Of types other than i, f and s only the length counts.
func _after_argument(type: String, at: int, end: int) -> int:
	if type == "s" or type == "S":
		return _after_text(at, end)
	if type in SIZES:
		return at + SIZES[type]
	if type != "b" or at + 4 > end:
		return -1
	_stream.seek(at)
	var size := _stream.get_32()
	return at + 4 + size + (4 - size % 4) % 4 if size >= 0 and size <= end - at - 4 else -1


# Where the text that begins there ends with its padding; -1 if it has no end.
func _after_text(at: int, end: int) -> int:
	at += 3
	while at < end:
		if _bytes[at] == 0:
			return at + 1
		at += 4
	return -1


# The text between two places of the packet, without its padding; OSC is ASCII.
func _text(start: int, end: int) -> String:
	while end > start and _bytes[end - 1] == 0:
		end -= 1
	_stream.seek(start)
	return _stream.get_string(end - start)

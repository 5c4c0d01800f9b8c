# One tracked person, as last heard of. Positions are in metres, in the camera space of the Kinect v2, which has Godot's
# axes: right-handed, Y up; the camera is at the origin and looks along +Z, and whoever faces it looks along -Z.
# Left and right are the person's own.
extends RefCounted

enum Tracking { NOT_TRACKED, INFERRED, TRACKED }
enum HandState { UNKNOWN, NOT_TRACKED, OPEN, CLOSED, LASSO }

# The names of the states on the wire, in the order of their numbers.
const TRACKING_NAMES := ["NotTracked", "Inferred", "Tracked"]
const HAND_STATE_NAMES := ["Unknown", "NotTracked", "Open", "Closed", "Lasso"]

# The names of the joints, in the order in which the arrays have them.
const JOINTS := [
	"SpineBase", "SpineMid", "Neck", "Head",
	"ShoulderLeft", "ElbowLeft", "WristLeft", "HandLeft",
	"ShoulderRight", "ElbowRight", "WristRight", "HandRight",
	"HipLeft", "KneeLeft", "AnkleLeft", "FootLeft",
	"HipRight", "KneeRight", "AnkleRight", "FootRight",
	"SpineShoulder", "HandTipLeft", "ThumbLeft", "HandTipRight", "ThumbRight",
]

# For each joint, the one where the bone that ends in it starts; SpineBase is its own.
const PARENTS := [0, 0, 20, 2, 20, 4, 5, 6, 20, 8, 9, 10, 0, 12, 13, 14, 0, 16, 17, 18, 1, 7, 7, 11, 11]

const MAX_GESTURES := 64

# Stable while the person stays in view and never used again: a text, for it has up to 64 bits without sign.
var id := ""
# 0 to 5, stable while the person stays in view; used again afterwards.
var slot := 0
# 25 of Vector3, Tracking and Quaternion. Orientations are zero where the profile sends none, and on end joints.
var positions := []
var states := []
var orientations := []
var hand_left: int = HandState.UNKNOWN
var hand_right: int = HandState.UNKNOWN
# Whether the hands' states are sure.
var hand_left_sure := false
var hand_right_sure := false
# How far each gesture has come, 0 to 1, by its name.
var progress := {}
# Edges of the picture that cut the body off: 1 right, 2 left, 4 top, 8 bottom; and how far the body leans to its right
# and forwards, -1 to 1. Only bodycast tells.
var clipped_edges := 0
var lean := Vector2()
# Milliseconds of the receiver's clock when it was last heard of.
var last_heard := 0
var has_changed := false


func _init() -> void:
	for _joint in JOINTS:
		positions.append(Vector3())
		states.append(Tracking.NOT_TRACKED)
		orientations.append(Quaternion(0, 0, 0, 0))


# Where a joint is: position("HandRight").
func position(joint: String) -> Vector3:
	return positions[JOINTS.find(joint)]


func is_tracked(joint: String) -> bool:
	return states[JOINTS.find(joint)] == Tracking.TRACKED


func set_progress(gesture: String, value: float) -> void:
	if progress.size() < MAX_GESTURES or gesture in progress:
		progress[gesture] = min(value, 1.0) if value > 0.0 else 0.0  # 0 for what is not a number, too

# Draws everyone whom a BodycastReceiver sees: joints as balls, bones as sticks, a colour for each slot.
# Joints that are only guessed are smaller, those not tracked are hidden; a closed hand is small, an open one large.
extends Spatial

const Body = preload("body.gd")
const COLORS := ["4fc3f7", "ffb74d", "81c784", "e57373", "ba68c8", "fff176"]
const BONE := 0.025  # metres, radius
const JOINT := 0.04
const GUESSED := 0.6  # of the radius
const HAND_SIZES := [1.0, 1.0, 1.8, 0.8, 1.3]  # by Body.HandState
const HANDS := [7, 11]  # HandLeft and HandRight among Body.JOINTS

# The receiver; the first one beside this node, if it is left empty.
export var receiver: NodePath
# Exchange left and right, so that people see themselves as in a mirror.
export var mirror: bool = true

var _figures := {}


func _ready() -> void:
	var source = get_node(receiver) if receiver != NodePath("") else _receiver_beside()
	if source == null:
		push_error("Bodycast: there is no BodycastReceiver beside %s" % get_path())
		return
	source.connect("body_entered", self, "_on_body_entered")
	source.connect("body_updated", self, "_on_body_updated")
	source.connect("body_left", self, "_on_body_left")
	for body in source.bodies():
		_on_body_entered(body)


func _receiver_beside() -> Node:
	for node in get_parent().get_children():
		if node.has_signal("body_updated"):
			return node
	return null


func _on_body_entered(body) -> void:
	var figure := Spatial.new()
	var material := SpatialMaterial.new()
	material.albedo_color = Color(COLORS[body.slot % COLORS.size()])
	for _joint in Body.JOINTS:
		figure.add_child(_mesh(_ball(), material))
	for _joint in Body.JOINTS:
		figure.add_child(_mesh(_stick(), material))
	figure.visible = false
	add_child(figure)
	_figures[body.id] = figure


func _on_body_updated(body) -> void:
	var figure = _figures[body.id]
	figure.visible = true
	var points := []
	for place in body.positions:
		points.append(Vector3(-place.x, place.y, place.z) if mirror else place)
	for joint in range(points.size()):
		var parent: int = Body.PARENTS[joint]
		var is_seen: bool = body.states[joint] != Body.Tracking.NOT_TRACKED
		var ball = figure.get_child(joint)
		var stick = figure.get_child(points.size() + joint)
		ball.visible = is_seen
		stick.visible = is_seen and joint != parent and body.states[parent] != Body.Tracking.NOT_TRACKED
		ball.transform = Transform(Basis().scaled(Vector3.ONE * _size(body, joint)), points[joint])
		stick.transform = _between(points[parent], points[joint], _certainty(body, joint))


func _on_body_left(body) -> void:
	_figures[body.id].queue_free()
	_figures.erase(body.id)


func _size(body, joint: int) -> float:
	if joint in HANDS:
		return HAND_SIZES[body.hand_left if joint == HANDS[0] else body.hand_right] * _certainty(body, joint)
	return _certainty(body, joint)


func _certainty(body, joint: int) -> float:
	return 1.0 if body.states[joint] == Body.Tracking.TRACKED else GUESSED


# Where a stick along Y must be to lead from one point to the other.
func _between(from: Vector3, to: Vector3, thickness: float) -> Transform:
	var along := to - from
	if along.length() < 0.001:
		return Transform(Basis().scaled(Vector3.ONE * 0.001), from)
	var side := along.cross(Vector3.RIGHT if abs(along.x) < abs(along.y) else Vector3.UP).normalized()
	return Transform(Basis(side * thickness, along, side.cross(along).normalized() * thickness), (from + to) / 2)


func _mesh(shape: PrimitiveMesh, material: SpatialMaterial) -> MeshInstance:
	var instance := MeshInstance.new()
	instance.mesh = shape
	instance.material_override = material
	return instance


func _ball() -> PrimitiveMesh:
	var ball := SphereMesh.new()
	ball.radius = JOINT
	ball.height = 2 * JOINT
	return ball


func _stick() -> PrimitiveMesh:
	var stick := CylinderMesh.new()
	stick.top_radius = BONE
	stick.bottom_radius = BONE
	stick.height = 1
	return stick

# The sample scene: a camera where Bodycast's is, a floor, and everyone in view. Start this, then
#     bodycast run --publish osc+kinectv2://127.0.0.1:12345
extends Spatial

const Receiver = preload("addons/bodycast/receiver.gd")
const Skeletons = preload("addons/bodycast/skeletons.gd")
const FLOOR_BELOW := 1.0  # metres below the camera

var receiver := Receiver.new()

var _text := Label.new()
var _gestures := {}


func _ready() -> void:
	receiver.connect("gesture", self, "_on_gesture")
	receiver.connect("body_left", self, "_on_body_left")
	add_child(receiver)
	add_child(Skeletons.new())
	add_child(_camera())
	add_child(_light())
	add_child(_floor())
	_text.set_position(Vector2(16, 12))
	add_child(_text)


func _process(_delta: float) -> void:
	if receiver.bodies().size() == 0:
		_text.text = "Nobody is in view. Bodycast sends here with\n"
		_text.text += "bodycast run --publish osc+kinectv2://127.0.0.1:%d" % receiver.port
		return
	_text.text = ""
	for body in receiver.bodies():
		_text.text += "person %d  %s\n" % [body.slot + 1, _gestures.get(body.id, "")]


func _on_gesture(id: String, gesture_name: String, phase: String, _progress: float, _confidence: float) -> void:
	_gestures[id] = "" if phase == "ended" else gesture_name


func _on_body_left(body) -> void:
	_gestures.erase(body.id)


func _camera() -> Camera:
	var camera := Camera.new()
	camera.fov = 50
	camera.far = 50
	camera.rotation_degrees = Vector3(-5, 180, 0)  # along +Z, like Bodycast's
	camera.current = true
	return camera


func _light() -> DirectionalLight:
	var light := DirectionalLight.new()
	light.shadow_enabled = true
	light.rotation_degrees = Vector3(-50, 150, 0)
	return light


func _floor() -> MeshInstance:
	var plane := PlaneMesh.new()
	plane.size = Vector2(12, 12)
	var material := SpatialMaterial.new()
	material.albedo_color = Color("37474f")
	var instance := MeshInstance.new()
	instance.mesh = plane
	instance.material_override = material
	instance.transform.origin = Vector3(0, -FLOOR_BELOW, 4)
	return instance

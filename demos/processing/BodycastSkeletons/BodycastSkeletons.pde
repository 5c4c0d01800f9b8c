// Everyone in view as a skeleton, mirrored as in a mirror, and the gestures that they make.
//     bodycast run --publish osc+kinectv2://127.0.0.1:12345
// Needs the library oscP5: Sketch > Import Library > Manage Libraries > oscP5.
import java.util.concurrent.ConcurrentHashMap;
import oscP5.*;

final int PORT = 12345;
final int SILENCE = 500;  // milliseconds after which a person has left
final String[][] BONES = {
  {"Head", "Neck", "SpineShoulder", "SpineMid", "SpineBase"},
  {"SpineShoulder", "ShoulderLeft", "ElbowLeft", "WristLeft", "HandLeft"},
  {"SpineShoulder", "ShoulderRight", "ElbowRight", "WristRight", "HandRight"},
  {"SpineBase", "HipLeft", "KneeLeft", "AnkleLeft", "FootLeft"},
  {"SpineBase", "HipRight", "KneeRight", "AnkleRight", "FootRight"},
};

// Messages arrive on a thread of oscP5's, so both maps must take two threads.
class Person {
  ConcurrentHashMap<String, PVector> joints = new ConcurrentHashMap<String, PVector>();
  String gesture = "";
  int lastHeard = millis();
}
ConcurrentHashMap<String, Person> people = new ConcurrentHashMap<String, Person>();
OscP5 osc;

void setup() {
  size(960, 600);
  strokeWeight(8);
  textSize(18);
  osc = new OscP5(this, PORT);
}

void draw() {
  background(40);
  if (people.isEmpty()) text("Nobody is in view. Bodycast sends here with\n" +
    "bodycast run --publish osc+kinectv2://127.0.0.1:" + PORT, 20, 30);
  for (String id : people.keySet()) {
    Person person = people.get(id);
    if (millis() - person.lastHeard > SILENCE) people.remove(id);
    else drawPerson(person);
  }
}

void drawPerson(Person person) {
  stroke(80, 195, 247);
  for (String[] bone : BONES) {
    for (int i = 1; i < bone.length; i++) {
      PVector a = person.joints.get(bone[i - 1]), b = person.joints.get(bone[i]);
      if (a != null && b != null) line(screenX(a), screenY(a), screenX(b), screenY(b));
    }
  }
  PVector head = person.joints.get("Head");
  if (head != null) text(person.gesture, screenX(head), screenY(head) - 40);
}

// Metres in camera space: X to the right of a mirror, Y up, Z away from the camera.
float screenX(PVector p) { return width / 2 + p.x / max(p.z, 0.5) * height; }
float screenY(PVector p) { return height / 2 - p.y / max(p.z, 0.5) * height; }

void oscEvent(OscMessage message) {
  String[] parts = message.addrPattern().split("/");  // the first is empty
  if (parts.length == 5 && parts[1].equals("bodies") && parts[3].equals("joints") && message.checkTypetag("fffs")) {
    Person person = people.get(parts[2]);
    if (person == null) people.put(parts[2], person = new Person());
    person.lastHeard = millis();
    boolean seen = !message.get(3).stringValue().equals("NotTracked");
    PVector place = new PVector(message.get(0).floatValue(), message.get(1).floatValue(), message.get(2).floatValue());
    if (seen) person.joints.put(parts[4], place);
    else person.joints.remove(parts[4]);
  } else if (parts.length == 3 && parts[1].equals("gesture") && message.checkTypetag("ssff")) {
    Person person = people.get(message.get(0).stringValue());
    if (person != null) person.gesture = message.get(1).stringValue().equals("ended") ? "" : parts[2];
  }
}

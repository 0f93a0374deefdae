"""The service model as the emitters need it: botocore's, plus what real clients use beyond it."""

import botocore
import botocore.loaders

# Members that the ECS agent sends or reads and the public model lacks. Each is a string.
PRIVATE_MEMBERS = {
    "RegisterContainerInstanceRequest": ["clientToken"],
    "DiscoverPollEndpointRequest": ["zoneId"],
    "DiscoverPollEndpointResponse": ["systemLogsEndpoint"],
}

# Values that the API takes (its own documentation names them) and the public model's enumerations lack.
FURTHER_VALUES = {
    "SettingName": ["dualStackIPv6"],
}


class Model:
    """Shapes by name; exceptions are left out, since faults are encoded apart."""

    def __init__(self, raw, source):
        self.source = source
        self.target_prefix = raw["metadata"]["targetPrefix"]
        self.operations = dict(sorted(raw["operations"].items()))
        self.shapes = raw["shapes"]
        for name, members in PRIVATE_MEMBERS.items():
            for member in members:
                self._add(self.shapes[name]["members"], member, {"shape": "String"})
        for name, values in FURTHER_VALUES.items():
            for value in values:
                if value in self.shapes[name]["enum"]:
                    raise SystemExit(f"{name} has {value} by now: drop it from FURTHER_VALUES")
            self.shapes[name]["enum"] = self.shapes[name]["enum"] + values
        self.structures = sorted(name for name, shape in self.shapes.items()
                                 if shape["type"] == "structure" and not shape.get("exception"))
        self.enumerations = sorted(name for name, shape in self.shapes.items() if "enum" in shape)
        self.patterned = sorted(name for name, shape in self.shapes.items() if "pattern" in shape)
        self.inputs = {operation["input"]["shape"] for operation in self.operations.values()}
        self.checked = self._checked()

    @classmethod
    def from_botocore(cls):
        raw = botocore.loaders.Loader().load_service_model("ecs", "service-2", "2014-11-13")
        return cls(raw, f"botocore {botocore.__version__}, ecs/2014-11-13")

    @staticmethod
    def _add(members, name, member):
        if name in members:
            raise SystemExit(f"the model has {name} by now: drop it from PRIVATE_MEMBERS")
        members[name] = member

    def is_document(self, name):
        return self.shapes[name].get("document", False)

    def swift_type(self, name):
        """The Swift type of a shape, seen from inside the namespace."""
        shape = self.shapes[name]
        kind = shape["type"]
        if kind == "structure":
            return name
        if kind == "list":
            return f"[{self.swift_type(shape['member']['shape'])}]"
        if kind == "map":
            if self.shapes[shape["key"]["shape"]]["type"] != "string":
                raise SystemExit(f"{name}: a key that is no string")
            return f"[String: {self.swift_type(shape['value']['shape'])}]"
        scalars = {"string": "String", "integer": "Int", "long": "Int64", "double": "Double",
                   "boolean": "Bool", "timestamp": "Timestamp"}
        if kind not in scalars:
            raise SystemExit(f"{name}: no Swift type for {kind}")
        return scalars[kind]

    def _checked(self):
        """Structures that a request can hold and that have something to check, and all requests."""
        reachable = set()
        todo = list(self.inputs)
        while todo:
            name = todo.pop()
            if name in reachable:
                continue
            reachable.add(name)
            shape = self.shapes[name]
            todo += [member["shape"] for member in shape.get("members", {}).values()]
            todo += [shape[part]["shape"] for part in ("member", "value") if part in shape]
        return {name for name in reachable if self.shapes[name]["type"] == "structure"
                and not self.is_document(name) and (name in self.inputs or self.is_constrained(name))}

    def is_constrained(self, name):
        """Whether a value of the shape can break a rule of the model."""
        shape = self.shapes[name]
        if shape["type"] == "structure":
            return bool(shape.get("required")) or any(
                self.is_constrained(member["shape"]) for member in shape["members"].values())
        if shape["type"] == "list":
            return self.bounds(name) != (None, None) or self.is_constrained(shape["member"]["shape"])
        if shape["type"] == "map":
            if any(self.is_constrained(shape[part]["shape"]) for part in ("key", "value")):
                raise SystemExit(f"{name}: constraints inside a map are not emitted")
            return False
        return "enum" in shape or "pattern" in shape or self.bounds(name) != (None, None)

    def bounds(self, name):
        """Minimum and maximum; a minimum of no characters or elements is none."""
        shape = self.shapes[name]
        low, high = shape.get("min"), shape.get("max")
        if low == 0 and shape["type"] in ("string", "list"):
            low = None
        return low, high

"""The service model as the emitters need it: botocore's, plus what real clients use beyond it."""

import botocore
import botocore.loaders


class Model:
    """Shapes by name; exceptions are left out, since faults are encoded apart."""

    def __init__(self, raw, source, service):
        self.source, self.service = source, service
        self.namespace, self.operation_type = f"{service.prefix}Shapes", f"{service.prefix}Operation"
        metadata = raw["metadata"]
        # The Query protocol has no targets: there the prefix only keeps the names of operations apart.
        self.target_prefix = metadata.get("targetPrefix", metadata["serviceId"].replace(" ", ""))
        self.is_query = "query" in metadata.get("protocols", [metadata["protocol"]])
        self.version, self.xml_namespace = metadata["apiVersion"], metadata.get("xmlNamespace")
        self.signing_name = metadata.get("signingName", metadata["endpointPrefix"])
        self.operations = {name: operation for name, operation in sorted(raw["operations"].items())
                           if service.operations is None or name in service.operations}
        self.unserved = sorted(set(raw["operations"]) - set(self.operations))
        self.shapes = raw["shapes"]
        if service.operations is not None:
            self.shapes = self._reached(part["shape"] for operation in self.operations.values()
                                        for part in (operation["input"], operation.get("output")) if part)
        for name, members in service.private_members.items():
            for member in members:
                self._add(self.shapes[name]["members"], member, {"shape": "String"})
        for name, values in service.further_values.items():
            for value in values:
                if value in self.shapes[name]["enum"]:
                    raise SystemExit(f"{name} has {value} by now: drop it from further_values")
            self.shapes[name]["enum"] = self.shapes[name]["enum"] + values
        self.structures = sorted(name for name, shape in self.shapes.items()
                                 if shape["type"] == "structure" and not shape.get("exception"))
        self.enumerations = sorted(name for name, shape in self.shapes.items() if "enum" in shape)
        self.patterned = sorted(name for name, shape in self.shapes.items() 
                                if "pattern" in shape and name not in service.unchecked)
        self.inputs = {operation["input"]["shape"] for operation in self.operations.values()}
        self.checked = self._checked()

    @classmethod
    def from_botocore(cls, service):
        raw = botocore.loaders.Loader().load_service_model(service.name, "service-2", service.version)
        return cls(raw, f"botocore {botocore.__version__}, {service.name}/{service.version}", service)

    def _reached(self, names):
        """The shapes that these name, and all inside them."""
        reached, todo = set(), list(names)
        while todo:
            name = todo.pop()
            if name not in reached:
                reached.add(name)
                todo += self._inside(name)
        return {name: shape for name, shape in self.shapes.items() if name in reached}

    def _inside(self, name):
        shape = self.shapes[name]
        return ([member["shape"] for member in shape.get("members", {}).values()]
                + [shape[part]["shape"] for part in ("member", "key", "value") if part in shape])

    @staticmethod
    def _add(members, name, member):
        if name in members:
            raise SystemExit(f"the model has {name} by now: drop it from private_members")
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
                   "boolean": "Bool", "timestamp": "Timestamp",
                   # Base64, as JSON carries it.
                   "blob": "String"}
        if kind not in scalars:
            raise SystemExit(f"{name}: no Swift type for {kind}")
        return scalars[kind]

    def _checked(self):
        """Structures that a request can hold and that have something to check, and all requests."""
        return {name for name in self._reached(self.inputs) if self.shapes[name]["type"] == "structure"
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
            if name not in self.service.unchecked and any(
                    self.is_constrained(shape[part]["shape"]) for part in ("key", "value")):
                raise SystemExit(f"{name}: constraints inside a map are not emitted")
            return False
        return "enum" in shape or name in self.patterned or self.bounds(name) != (None, None)

    def bounds(self, name):
        """Minimum and maximum; a minimum of no characters or elements is none."""
        shape = self.shapes[name]
        low, high = shape.get("min"), shape.get("max")
        if shape["type"] == "blob":
            # Of the bytes, which the handler has: here they are base64.
            return None, None
        if low == 0 and shape["type"] in ("string", "list"):
            low = None
        return low, high

package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.operate.cases.CaseFile.Workload;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the identities of one case file. An identity may inherit from another one. */
final class IdentityReader {

  private final Problems problems;
  private final ClaimReader claims;
  private final Map<String, Fields> written = new LinkedHashMap<>();
  private final Map<String, Workload> made = new LinkedHashMap<>();

  /** The identities with a problem. Identities that inherit from them do not report it again. */
  private final Set<String> broken = new HashSet<>();

  IdentityReader(Problems problems) {
    this.problems = problems;
    this.claims = new ClaimReader(problems);
  }

  /** Reads the identities by name, including those with problems. */
  Map<String, Workload> read(Mapping mapping) {
    int most = CaseFileReader.SHAPE.most("identities");
    if (mapping.entries().size() > most) {
      problems.at(
          mapping.place(),
          "the file has more than " + most + " identities",
          "Divide it into several files.");
    }
    mapping.entries().forEach(this::written);
    written.keySet().forEach(name -> workload(name, new HashSet<>()));
    return made;
  }

  private void written(String name, Entry entry) {
    if (entry.value() instanceof Mapping identity) {
      written.put(
          name,
          new Fields(
              "an identity", identity, CaseFileReader.SHAPE.definition("identity"), problems));
      return;
    }
    problems.at(
        entry.key(),
        "the identity '" + name + "' must be a mapping",
        "Give it an 'issuer' and 'claims'.");
    broken.add(name);
    made.put(name, new Workload(name, "", Map.of(), entry.key().line()));
  }

  private Workload workload(String name, Set<String> open) {
    Workload known = made.get(name);
    Fields fields = written.get(name);
    if (known != null || fields == null) {
      return known == null ? new Workload(name, "", Map.of(), 0) : known;
    }
    open.add(name);
    Workload base = base(name, fields, open);
    Scalar issuer = fields.text("issuer");
    if (!fields.has("issuer") && !fields.has("like")) {
      fields.lacks("issuer", "Name an issuer of the federation document.");
    }
    Map<String, Object> all = new LinkedHashMap<>(base == null ? Map.of() : base.claims());
    Mapping own = fields.mapping("claims");
    if (own == null && fields.has("claims")) {
      broken.add(name);
    } else if (own != null) {
      claims.claims(own).forEach((claim, value) -> put(all, claim, value));
    }
    if (!broken.contains(name) && !(all.get("sub") instanceof String)) {
      problems.at(
          fields.place(),
          "the identity '" + name + "' needs a claim 'sub' that is text",
          "Give it one, in quotes if it looks like a number: each credential has a subject.");
    }
    String by = issuer != null ? issuer.text() : base == null ? "" : base.issuer();
    Workload workload =
        new Workload(name, by, Collections.unmodifiableMap(all), fields.place().line());
    made.put(name, workload);
    return workload;
  }

  /** Sets a claim. A null value removes an inherited claim. */
  static void put(Map<String, Object> all, String claim, @Nullable Object value) {
    if (value == null) {
      all.remove(claim);
    } else {
      all.put(claim, value);
    }
  }

  private @Nullable Workload base(String name, Fields fields, Set<String> open) {
    Scalar like = fields.text("like");
    if (like == null) {
      if (fields.has("like")) {
        broken.add(name);
      }
      return null;
    }
    boolean circular = open.contains(like.text());
    if (circular || !(written.containsKey(like.text()) || made.containsKey(like.text()))) {
      problems.at(
          like.place(),
          circular
              ? "'like' leads back to '" + like.text() + "'"
              : "there is no identity '" + like.text() + "'",
          "Name another identity of this file.");
      broken.add(name);
      return null;
    }
    Workload base = workload(like.text(), open);
    if (broken.contains(like.text())) {
      broken.add(name);
    }
    return base;
  }
}

package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Shape;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.YamlParser;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.operate.cases.CaseFile.Proved;
import dev.tokenbroker.operate.cases.CaseFile.TestCase;
import dev.tokenbroker.operate.cases.CaseFile.Workload;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads case files. Reports all problems of a file at once, each with its line. */
final class CaseFileReader {

  static final Shape SHAPE = Shape.of("cases");
  static final Duration SHORTEST = Duration.ofSeconds(1);
  static final Duration LONGEST = Duration.ofHours(24);

  /** The latest time. Tokens and credentials also end by the year 9999. */
  private static final Instant LAST = Instant.parse("9998-12-31T23:59:59Z");

  private final Problems problems;
  private final ExpectationReader expectations;

  CaseFileReader(Problems problems) {
    this.problems = problems;
    this.expectations = new ExpectationReader(problems);
  }

  /** Reads a file; empty if it has problems. */
  Optional<CaseFile> read(Source source) {
    int before = problems.reports();
    Optional<Yaml> root = YamlParser.parse(source.name(), source.text(), problems);
    if (problems.reports() > before) {
      return Optional.empty();
    }
    if (root.orElse(null) instanceof Mapping document) {
      CaseFile file = read(source.name(), document);
      return problems.reports() > before ? Optional.empty() : Optional.of(file);
    }
    problems.at(
        root.map(Yaml::place).orElse(new Place(source.name(), 1)),
        "a case file must be a mapping",
        "Begin with 'identities:' and 'cases:'.");
    return Optional.empty();
  }

  private CaseFile read(String name, Mapping document) {
    Fields fields = new Fields("a case file", document, SHAPE, problems);
    Mapping written = fields.mapping("identities");
    if (!fields.has("identities")) {
      fields.lacks("identities", "Name the workloads, each with an issuer and its claims.");
    }
    Map<String, Workload> identities =
        written == null ? Map.of() : new IdentityReader(problems).read(written);
    List<TestCase> cases = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Mapping entry : fields.mappings("cases")) {
      cases.add(testCase(entry, written == null ? null : identities.keySet(), names));
    }
    if (!fields.has("cases") || fields.isEmptyList("cases")) {
      fields.lacks("cases", "Write at least one case.");
    }
    return new CaseFile(name, federation(fields), now(fields), identities, cases);
  }

  private @Nullable String federation(Fields fields) {
    Scalar federation = fields.text("federation");
    try {
      return federation == null ? null : Path.of(federation.text()).toString();
    } catch (InvalidPathException wrong) {
      problems.at(
          federation.place(), "'federation' is no path", "Name a file or a directory beside it.");
      return null;
    }
  }

  private @Nullable Instant now(Fields fields) {
    Scalar now = fields.text("now");
    if (now == null) {
      return null;
    }
    try {
      Instant time = Instant.parse(now.text());
      if (!time.isBefore(Instant.EPOCH) && !time.isAfter(LAST)) {
        return time;
      }
    } catch (DateTimeException noTime) {
      // The code below reports it like a time out of bounds.
    }
    problems.at(
        now.place(),
        "'now' is no time from 1970 to 9998: " + now.text(),
        "Write it as 2026-11-28T12:00:00Z.");
    return null;
  }

  /**
   * @param identities the names of the identities; null if the file has none, reported once
   * @param names the names of the earlier cases
   */
  private TestCase testCase(Mapping entry, @Nullable Set<String> identities, Set<String> names) {
    Fields fields = new Fields("a case", entry, SHAPE.at("cases"), problems);
    Scalar name = fields.required("name", "Say in a few words what the case shows.");
    if (name != null && !names.add(name.text())) {
      problems.at(
          name.place(), "two cases have the name '" + name.text() + "'", "Give each its own.");
    }
    List<Scalar> who = oneOrMore(fields, "identity", "identities");
    for (Scalar one : who) {
      if (identities != null && !identities.contains(one.text())) {
        problems.at(
            one.place(),
            "there is no identity '" + one.text() + "'",
            "Name one under 'identities'.");
      }
    }
    return new TestCase(
        name == null ? "" : name.text(),
        who.stream().map(Scalar::text).toList(),
        oneOrMore(fields, "audience", "audiences").stream().map(Scalar::text).toList(),
        fields.texts("scopes").stream().map(Scalar::text).collect(Collectors.toUnmodifiableSet()),
        fields.duration("lifetime", SHORTEST, LONGEST),
        proved(fields),
        text(fields.text("client")),
        expectations.read(fields),
        entry.place().line());
  }

  private static @Nullable String text(@Nullable Scalar scalar) {
    return scalar == null ? null : scalar.text();
  }

  private List<Scalar> oneOrMore(Fields fields, String one, String several) {
    if (fields.has(one) == fields.has(several)) {
      fields.report(
          several, "a case needs either '" + one + "' or '" + several + "'", "Write one of them.");
      return List.of();
    }
    if (fields.isEmptyList(several)) {
      fields.report(several, "'" + several + "' is empty", "Name at least one.");
    }
    Scalar single = fields.text(one);
    return single != null ? List.of(single) : fields.texts(several);
  }

  private Proved proved(Fields fields) {
    Scalar proved = fields.text("proved");
    if (proved == null) {
      return Proved.NONE;
    }
    return switch (proved.text()) {
      case "dpop" -> Proved.DPOP;
      case "certificate" -> Proved.CERTIFICATE;
      default -> {
        problems.at(
            proved.place(),
            "'proved' is neither dpop nor certificate: " + proved.text(),
            "Name the key that the caller has proved to hold.");
        yield Proved.NONE;
      }
    };
  }
}

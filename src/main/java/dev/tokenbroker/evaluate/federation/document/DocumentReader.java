package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Shape;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.YamlParser;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.FederationDocument;
import dev.tokenbroker.evaluate.federation.document.Outline.KeySetSummary;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.target.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a document as one. It joins their sections in the order of the files, those of
 * a {@linkplain Owners root document} first, and then checks section by section. Targets refer to
 * upstreams, and rules to issuers and targets, of any file.
 */
final class DocumentReader {

  /** The shape of a document. */
  static final Shape SHAPE = Shape.of("federation");

  private final Expressions expressions;
  private final Surroundings surroundings;
  private final TargetKinds kinds;

  DocumentReader(Expressions expressions, Surroundings surroundings, TargetKinds kinds) {
    this.expressions = expressions;
    this.surroundings = surroundings;
    this.kinds = kinds;
  }

  FederationDocument read(SourceFiles files, Problems problems) {
    return read(files.documents(problems), files, problems);
  }

  /**
   * As {@link #read(SourceFiles, Problems)}.
   *
   * @param sources the files of the document
   * @param files the files that it names
   */
  FederationDocument read(List<Source> sources, SourceFiles files, Problems problems) {
    Entries entries = new Entries(problems);
    sources.forEach(entries::add);
    SequencedSet<String> names = new LinkedHashSet<>(files.names());
    sources.forEach(source -> names.add(source.name()));
    Owners owners = new Owners(entries.owning, files.rootName(), names, files, problems);
    entries.beginWith(owners.root());
    Place whole = new Place(sources.isEmpty() ? "" : sources.getFirst().name(), 1);
    if (problems.isEmpty() && entries.of(DocumentSection.ISSUERS).isEmpty()) {
      problems.at(
          whole,
          "no issuer is declared",
          "Declare at least one under 'issuers'; an empty document would refuse everybody.");
    }
    entries.checkSizes(whole);
    IssuerSection issuers = new IssuerSection(files, surroundings, problems);
    List<DeclaredIssuer> declared = entries.read(DocumentSection.ISSUERS, issuers::read);
    ClientSection clients = new ClientSection(files, surroundings, issuers.names(), problems);
    List<ClientSection.DeclaredClient> declaredClients =
        entries.read(DocumentSection.CLIENTS, clients::read);
    UpstreamSection upstreams = new UpstreamSection(files, surroundings, problems);
    List<UpstreamDefinition> declaredUpstreams =
        entries.read(DocumentSection.UPSTREAMS, upstreams::read);
    TargetSection targets = new TargetSection(kinds, upstreams, files, problems);
    List<Target> declaredTargets = entries.read(DocumentSection.TARGETS, targets::read);
    Set<String> accepted = accepted(declared);
    issuers.checkDefaults(targets.audiences());
    upstreams.presentField().check(targets.audiences(), accepted);
    targets.check(accepted);
    RuleSection rules = new RuleSection(expressions, issuers.names(), clients, targets, problems);
    OwnedEntries owned = new OwnedEntries(owners, problems);
    owned.check(entries.sections, targets.audiences());
    List<Rule> declaredRules =
        entries.read(
            DocumentSection.RULES,
            entry ->
                rules
                    .read(entry)
                    .map(rule -> names.size() > 1 ? owned.place(rule, entry.place()) : rule));
    return new FederationDocument(
        declared,
        declaredClients,
        Stream.concat(declaredUpstreams.stream(), targets.upstreams().stream()).toList(),
        declaredTargets,
        declaredRules,
        cases(entries, owners, files, whole),
        entries.outline(
            Outline.keySets(FederationDocument.signers(declared, declaredClients)), sources),
        owners);
  }

  /** The audiences of credentials that the broker accepts, and its own names. */
  private Set<String> accepted(List<DeclaredIssuer> issuers) {
    return Stream.concat(
            Stream.concat(
                Stream.of(Target.OPERATORS_AUDIENCE), surroundings.ownAddresses().stream()),
            issuers.stream().flatMap(issuer -> issuer.trust().audiences().stream()))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Each case file once, even if several patterns match it. */
  private static List<Source> cases(
      Entries entries, Owners owners, SourceFiles files, Place whole) {
    Map<String, Source> cases = new LinkedHashMap<>();
    Map<String, Source> ofRoot = new LinkedHashMap<>(); // a team may have files of these names
    entries.cases.stream()
        .flatMap(written -> CasePattern.parse(written, entries.problems).stream())
        .filter(owners::allows)
        .forEach(
            pattern ->
                files
                    .cases(pattern, entries.problems)
                    .forEach(
                        source ->
                            (files.isOfRoot(pattern) ? ofRoot : cases).put(source.name(), source)));
    owners.checkLinks(cases.keySet(), files);
    if (cases.size() + ofRoot.size() > SourceFiles.MAX_FILES) {
      entries.problems.at(
          whole,
          "all entries of 'cases' together match more than " + SourceFiles.MAX_FILES + " files",
          "Put the cases into fewer files.");
    }
    return Stream.concat(ofRoot.values().stream(), cases.values().stream()).toList();
  }

  /** The entries of all files by section. */
  private static final class Entries {

    private final Problems problems;
    private final Map<DocumentSection, List<Mapping>> sections =
        new EnumMap<>(DocumentSection.class);
    private final List<Scalar> cases = new ArrayList<>();

    /** The files that have {@code owners}. */
    private final List<Fields> owning = new ArrayList<>();

    Entries(Problems problems) {
      this.problems = problems;
      for (DocumentSection section : DocumentSection.values()) {
        sections.put(section, new ArrayList<>());
      }
    }

    List<Mapping> of(DocumentSection section) {
      return sections.getOrDefault(section, List.of());
    }

    /** The entries of a section without problems. */
    <T> List<T> read(DocumentSection section, Function<Mapping, Optional<T>> reader) {
      return of(section).stream().map(reader).flatMap(Optional::stream).toList();
    }

    void add(Source source) {
      YamlParser.parse(source.name(), source.text(), problems).ifPresent(this::add);
    }

    private void add(Yaml root) {
      if (!(root instanceof Mapping mapping)) {
        problems.at(
            root.place(),
            "the document must be a mapping, this is " + root.kind(),
            "Begin with 'issuers:', 'targets:' and 'rules:'.");
        return;
      }
      Fields fields = new Fields("the document", mapping, DocumentReader.SHAPE, problems);
      sections.forEach((section, entries) -> entries.addAll(fields.mappings(section.key())));
      cases.addAll(fields.texts("cases"));
      if (fields.has(Owners.KEY)) {
        owning.add(fields);
      }
    }

    /** Puts the entries of the root document first: its rules decide before those of teams. */
    void beginWith(@Nullable String root) {
      sections
          .values()
          .forEach(
              entries ->
                  entries.sort(Comparator.comparing(entry -> !entry.place().file().equals(root))));
    }

    Outline outline(Map<String, KeySetSummary> keySets, List<Source> sources) {
      Map<DocumentSection, Map<String, Mapping>> byName = new EnumMap<>(DocumentSection.class);
      sections.forEach(
          (section, entries) -> byName.put(section, Outline.by(section.nameKey(), entries)));
      return new Outline(byName, keySets, sources);
    }

    /** Checks the bounds for all files together, since each file alone may stay within them. */
    void checkSizes(Place whole) {
      sections.forEach(
          (section, entries) -> {
            int most = DocumentReader.SHAPE.most(section.key());
            if (entries.size() > most) {
              problems.at(
                  whole,
                  "all files together declare more than " + most + " " + section.key(),
                  "Remove some of them.");
              entries.subList(most, entries.size()).clear(); // those of the root document stay
            }
          });
    }
  }
}

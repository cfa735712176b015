package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.evaluate.federation.document.DeclaredIssuer.DeclaredKeys;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Look;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Rejected;
import dev.tokenbroker.evaluate.federation.document.Owners.Owner;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.target.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Loads a {@link Federation} from a file or a directory. Reads only the disk; keeps nothing between
 * loads but the CEL environment.
 */
public final class FederationLoader {

  private final Function<KeyLocation, KeySetSource> remoteKeys;
  private final @Nullable Function<UpstreamDefinition, Upstream> upstreams;
  private final DocumentGate gate;
  private final InstantSource clock;
  private final DocumentReader reader;
  private final @Nullable Path root;

  /**
   * @param remoteKeys gives the keys at a location; called only for documents without problems
   * @param upstreams gives the upstream of a definition; also called only for such documents; null
   *     for federations that only explain, in whose documents problems of upstreams are still found
   * @param gate judges the cases that a document names
   * @param surroundings what a document may refer to
   */
  public FederationLoader(
      Function<KeyLocation, KeySetSource> remoteKeys,
      @Nullable Function<UpstreamDefinition, Upstream> upstreams,
      DocumentGate gate,
      InstantSource clock,
      Surroundings surroundings) {
    this(remoteKeys, upstreams, gate, clock, surroundings, TargetKinds.ALL);
  }

  FederationLoader(
      Function<KeyLocation, KeySetSource> remoteKeys,
      @Nullable Function<UpstreamDefinition, Upstream> upstreams,
      DocumentGate gate,
      InstantSource clock,
      Surroundings surroundings,
      TargetKinds kinds) {
    this.remoteKeys = remoteKeys;
    this.upstreams = upstreams;
    this.gate = gate;
    this.clock = clock;
    this.reader = new DocumentReader(new Expressions(), surroundings, kinds);
    this.root = surroundings.root();
  }

  /**
   * Reads all files and reports all problems at once. No file content or read error makes it throw.
   *
   * @param path a file, or a directory whose {@code *.yaml} and {@code *.yml} files are read as one
   */
  public LoadResult load(Path path) {
    return load(path, Set.of());
  }

  /** Returns the fingerprint of the document at that path now: {@link Look#fingerprint()}. */
  public static String fingerprint(Path path, Look last) {
    return SourceFiles.fingerprint(path, last);
  }

  /**
   * As {@link #load(Path)}.
   *
   * @param inUse files with keys and secrets that stay in use if the document is rejected; the look
   *     then includes them, even if the document no longer names them
   */
  public LoadResult load(Path path, Set<Path> inUse) {
    Reading reading = SourceFiles.settled(path, root, files -> read(files, inUse));
    SourceFiles files = reading.files();
    FederationDocument document = reading.document();
    if (!reading.problems().isEmpty()) {
      return new Rejected(
          reading.problems().sorted(), Narrowing.of(document, files.rootName()), files.look());
    }
    List<Problem> held =
        document.cases().isEmpty()
            ? List.of()
            : gate.judge(federation(document, files, _ -> NoKeys.NONE, null), document.cases());
    if (!held.isEmpty()) {
      files.lookAt(inUse);
      return new Rejected(held, Narrowing.of(document, files.rootName()), files.look());
    }
    return loaded(document, files, remoteKeys, upstreams);
  }

  private Loaded loaded(
      FederationDocument document,
      SourceFiles files,
      Function<KeyLocation, KeySetSource> keys,
      @Nullable Function<UpstreamDefinition, Upstream> makers) {
    return new Loaded(
        federation(document, files, keys, makers),
        locations(document),
        Set.copyOf(document.upstreams()),
        document.outline(),
        files.look());
  }

  /**
   * Judges a file that is to become part of a document, with that file in place of the one of its
   * name. The document may be the root document alone.
   */
  public ProposedFile propose(Path path, Path file) {
    String name = SourceFiles.name(file);
    Reading with = proposed(path, file, source -> source);
    Reading without =
        proposed(
            path,
            file,
            source -> source.name().equals(name) ? new DocumentGate.Source(name, "") : source);
    FederationDocument document = with.document();
    Set<Problem> others = Set.copyOf(without.problems().sorted());
    List<Problem> found = new ArrayList<>(with.problems().sorted());
    found.removeIf(problem -> !problem.file().equals(name) && others.contains(problem));
    int elsewhere = with.problems().sorted().size() - found.size();
    Owner owner = document.owners().of(name);
    if (owner == null && found.isEmpty()) {
      found.add(
          new Problem(
              name,
              1,
              "no root document lists this file in 'owners'",
              "Name the directory or its root document, which is checked without --owner."));
    }
    Loaded loaded =
        with.problems().isEmpty() ? loaded(document, with.files(), _ -> NoKeys.NONE, null) : null;
    if (loaded != null && !document.cases().isEmpty()) {
      found.addAll(gate.judge(loaded.federation(), document.cases()));
    }
    return new ProposedFile(
        name,
        found.stream().sorted().toList(),
        elsewhere,
        owner == null ? List.of() : owner.audiences(),
        owner == null ? List.of() : owner.declares(),
        loaded);
  }

  private Reading proposed(Path path, Path file, UnaryOperator<DocumentGate.Source> change) {
    SourceFiles files = new SourceFiles(path, Files.isDirectory(path) ? root : path, file);
    Problems problems = new Problems();
    List<DocumentGate.Source> sources = files.documents(problems).stream().map(change).toList();
    return new Reading(files, reader.read(sources, files, problems), problems);
  }

  /** The result of one look at the files. */
  private record Reading(SourceFiles files, FederationDocument document, Problems problems) {}

  private Reading read(SourceFiles files, Set<Path> inUse) {
    Problems problems = new Problems();
    FederationDocument document = reader.read(files, problems);
    if (!problems.isEmpty()) {
      files.lookAt(inUse);
    }
    return new Reading(files, document, problems);
  }

  private Federation federation(
      FederationDocument document,
      SourceFiles files,
      Function<KeyLocation, KeySetSource> keys,
      @Nullable Function<UpstreamDefinition, Upstream> upstreams) {
    RegisteredClients clients =
        RegisteredClients.of(
            document.clients().stream().map(client -> client.registered(keys)).toList());
    return new Federation(
        files.revision(document.keySets()),
        TrustedIssuers.of(document.issuers().stream().map(issuer -> issuer.trusted(keys)).toList())
            .with(clients.issuers()),
        clients,
        Policy.of(document.targets(), document.rules(), document.defaultAudiences()),
        upstreams == null ? Map.of() : upstreams(document, upstreams),
        clock.instant(),
        files.names(),
        FormerIssuers.NONE);
  }

  private static Map<String, Upstream> upstreams(
      FederationDocument document, Function<UpstreamDefinition, Upstream> upstreams) {
    return document.upstreams().stream()
        .collect(Collectors.toUnmodifiableMap(UpstreamDefinition::name, upstreams));
  }

  private static Map<String, KeyLocation> locations(FederationDocument document) {
    Map<String, KeyLocation> locations = new HashMap<>();
    for (DeclaredIssuer issuer : document.signers()) {
      if (issuer.keys() instanceof DeclaredKeys.Remote(KeyLocation location, boolean _)) {
        locations.put(issuer.name(), location);
      }
    }
    return Map.copyOf(locations);
  }

  /**
   * The joined contents of the document's files. If there are problems, it holds only the entries
   * without any, and must not be used.
   *
   * @param rules in the order of the document
   * @param cases the case files that it names
   * @param outline where the entries stand
   * @param owners the rights of its files
   */
  record FederationDocument(
      List<DeclaredIssuer> issuers,
      List<ClientSection.DeclaredClient> clients,
      List<UpstreamDefinition> upstreams,
      List<Target> targets,
      List<Rule> rules,
      List<DocumentGate.Source> cases,
      Outline outline,
      Owners owners) {

    /** The issuers, and the clients with own keys. */
    List<DeclaredIssuer> signers() {
      return signers(issuers, clients);
    }

    static List<DeclaredIssuer> signers(
        List<DeclaredIssuer> issuers, List<ClientSection.DeclaredClient> clients) {
      return Stream.concat(
              issuers.stream(),
              clients.stream().map(ClientSection.DeclaredClient::signer).filter(Objects::nonNull))
          .toList();
    }

    /** The default targets, by the names of their issuers. */
    Map<String, String> defaultAudiences() {
      Map<String, String> defaults = new HashMap<>();
      for (DeclaredIssuer issuer : issuers) {
        String target = issuer.trust().defaultAudience();
        if (target != null) {
          defaults.put(issuer.name(), target);
        }
      }
      return defaults;
    }

    /** The key sets that do not come from the network, in the order of their issuers. */
    List<String> keySets() {
      return signers().stream()
          .map(DeclaredIssuer::keys)
          .flatMap(
              keys ->
                  keys instanceof DeclaredKeys.Fixed fixed
                      ? Stream.of(fixed.content())
                      : Stream.of())
          .toList();
    }
  }

  /** The result of loading the document. */
  public sealed interface LoadResult {

    /** The files that were read for it. */
    Look look();

    /**
     * The document is good.
     *
     * @param locations where the keys of its issuers are fetched, by the name of the issuer
     * @param definitions its upstreams
     * @param outline where its entries stand
     */
    record Loaded(
        Federation federation,
        Map<String, KeyLocation> locations,
        Set<UpstreamDefinition> definitions,
        Outline outline,
        Look look)
        implements LoadResult {}

    /**
     * The document is rejected for at least one problem, sorted by file and line.
     *
     * @param narrowing what it disables all the same
     */
    record Rejected(List<Problem> problems, Narrowing narrowing, Look look) implements LoadResult {}

    /**
     * A look at the files.
     *
     * @param fingerprint changes with any content read
     * @param keyFiles the files with keys and secrets that were read as well
     * @param cases the patterns of the case files that were read as well
     * @param root the root document that lies elsewhere; null for none
     */
    record Look(
        String fingerprint, Set<Path> keyFiles, Set<CasePattern> cases, @Nullable Path root) {}
  }

  /**
   * The judgement on a file that is to become part of a document with {@code owners}.
   *
   * @param name the name of the file
   * @param problems its problems, and those of other files that vanish without its content; empty
   *     if it is good
   * @param others the number of problems in other files that it does not cause
   * @param targets for which it may write rules
   * @param declares the sections that it may have beside rules
   * @param loaded the document with the file; null if any file has problems
   */
  public record ProposedFile(
      String name,
      List<Problem> problems,
      int others,
      List<String> targets,
      List<String> declares,
      @Nullable Loaded loaded) {}
}

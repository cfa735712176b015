package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.issuer.KeyLocation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

  /** The document is rejected for at least one problem, sorted by file and line. */
  record Rejected(List<Problem> problems, Look look) implements LoadResult {}

  /**
   * A look at the files.
   *
   * @param fingerprint changes with any content read
   * @param keyFiles the files with keys and secrets that were read as well
   * @param cases the patterns of the case files that were read as well
   */
  record Look(String fingerprint, Set<Path> keyFiles, Set<CasePattern> cases) {}
}

package dev.tokenbroker.federation;

import dev.tokenbroker.policy.Expressions;
import java.nio.file.Path;
import java.util.List;

/**
 * The contents and problems of a document, without putting it in force: needs no keys, no upstreams
 * and no network.
 *
 * @param problems all of them, sorted by file and line; empty where the document is good
 * @param revision 64 hexadecimal digits; empty where there are problems
 */
public record FederationCheck(
    List<Problem> problems, String revision, int issuers, int upstreams, int targets, int rules) {

  /**
   * Reads the document as the broker does. No file content or read error makes it throw.
   *
   * @param path a file, or a directory whose {@code *.yaml} and {@code *.yml} files are read as one
   * @param httpToLoopback whether issuers and upstreams on this host may be called without TLS
   */
  public static FederationCheck of(Path path, boolean httpToLoopback) {
    Problems problems = new Problems();
    SourceFiles files = new SourceFiles(path);
    FederationDocument document =
        new DocumentReader(new Expressions(), httpToLoopback).read(files, problems);
    return new FederationCheck(
        problems.sorted(),
        problems.isEmpty() ? files.revision(document.keySets()) : "",
        document.issuers().size(),
        document.upstreams().size(),
        document.targets().size(),
        document.rules().size());
  }
}

package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Problem;
import java.util.List;

/** A check that can reject a federation document without problems of its own. */
@FunctionalInterface
public interface DocumentGate {

  /** The gate that rejects no document, for a process that judges no cases. */
  DocumentGate OPEN = (_, _) -> List.of();

  /**
   * Returns the reasons to reject the document; empty if it may come into force.
   *
   * @param rehearsed the document, without keys and upstreams
   * @param cases the case files that it names
   */
  List<Problem> judge(Federation rehearsed, List<Source> cases);

  /**
   * A file as text.
   *
   * @param name relative to the directory of the document, for messages
   */
  record Source(String name, String text) {}
}

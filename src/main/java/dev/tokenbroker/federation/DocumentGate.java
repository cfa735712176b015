package dev.tokenbroker.federation;

import java.util.List;

/** May hold back a document that has no problems of its own. */
@FunctionalInterface
public interface DocumentGate {

  /** The gate of a process that judges no cases. */
  DocumentGate OPEN = (_, _) -> List.of();

  /**
   * The reasons why the document must not come into force; empty if it may.
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
  record Source(String name, String text) {

    /** The largest file that is read. */
    public static final int MAX_BYTES = 1 << 20;
  }
}

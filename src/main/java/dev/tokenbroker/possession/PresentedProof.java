package dev.tokenbroker.possession;

import java.util.List;

/**
 * A proof of possession as an edge read it: nothing about it has been checked.
 *
 * @param values those of the header {@code DPoP}, of which there must be one; never logged, which
 *     {@link #toString()} sees to
 * @param method the HTTP method of the request that it came with
 * @param uris at which that request may be said to have been made, without query
 */
public record PresentedProof(List<String> values, String method, List<String> uris) {

  public PresentedProof {
    values = List.copyOf(values);
    uris = List.copyOf(uris);
  }

  @Override
  public String toString() {
    return "PresentedProof[method=" + method + ", uris=" + uris + "]";
  }
}

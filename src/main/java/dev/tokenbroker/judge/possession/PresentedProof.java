package dev.tokenbroker.judge.possession;

import java.util.List;

/**
 * A proof of possession as an edge read it, still unchecked.
 *
 * @param values the values of the header {@code DPoP}, which must be exactly one; {@link
 *     #toString()} keeps them out of logs
 * @param method the HTTP method of the request that it came with
 * @param uris the URIs that the request may have been sent to, without query
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

package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.issue.signing.OwnIssuer;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.possession.DpopSettings;
import io.quarkus.runtime.LaunchMode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The URIs at which callers reach this broker. A proof of possession must name one of them (RFC
 * 9449 section 4.3). If {@code token-broker.dpop.base-urls} is set, only those URLs count.
 * Otherwise our issuer counts. In dev mode and tests, the address that the request names counts as
 * well, if it is one of this machine: elsewhere its sender could name any address.
 */
@Singleton
public final class PublicAddresses {

  private static final Pattern THIS_MACHINE =
      Pattern.compile(
          "https?://(localhost|127\\.0\\.0\\.1|\\[::1])[:/].*", Pattern.CASE_INSENSITIVE);

  private final List<String> bases;
  private final boolean asReceived;

  /**
   * @throws IllegalArgumentException if our issuer is needed, and is not set or unusable
   */
  @Inject
  PublicAddresses(DpopSettings dpop, TokenSettings token) {
    this(dpop, token, LaunchMode.current().isDevOrTest());
  }

  /**
   * @param onThisMachine whether an address of this machine counts
   */
  PublicAddresses(DpopSettings dpop, TokenSettings token, boolean onThisMachine) {
    this.asReceived = onThisMachine && dpop.baseUrls().isEmpty();
    this.bases =
        dpop.baseUrls().orElseGet(() -> List.of(OwnIssuer.of(token))).stream()
            .map(base -> base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
            .toList();
  }

  /** The settings with which the broker does not start; empty if it may. */
  public static List<UnfitSetting> unfit(DpopSettings dpop) {
    return dpop.baseUrls().orElse(List.of()).stream()
        .filter(base -> !OwnIssuer.isWebAddress(base))
        .limit(1)
        .map(
            base ->
                new UnfitSetting(
                    "token-broker.dpop.base-urls",
                    "contains " + base + ", which is not a valid base URL.",
                    "Give http or https URLs without query and fragment."))
        .toList();
  }

  /**
   * The URIs that a proof for a request may name.
   *
   * @param path the path below the address of the broker, with a leading slash
   * @param received the URI that the request itself names, with the path as received; empty if it
   *     names none
   */
  public List<String> of(String path, String received) {
    List<String> uris = new ArrayList<>(bases.size() + 1);
    bases.forEach(base -> uris.add(base + path));
    if (asReceived && THIS_MACHINE.matcher(received).matches()) {
      uris.add(received);
    }
    return uris;
  }
}

package dev.tokenbroker.bench;

import com.nimbusds.jose.JWSAlgorithm;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How a comparison is run; written as {@code name=value}.
 *
 * @param calls calls in a window of the fast ones: echo and cached hit
 * @param misses calls in a window of misses
 * @param keycloakCalls calls in a window of Keycloak's
 * @param warmUp calls of each kind before the first window, other than Keycloak's
 * @param keycloakWarmUp the same of Keycloak
 * @param warmUpSeconds each kind is called for at least so long before the first window
 * @param rounds windows of each
 * @param callers calls in flight
 * @param credentials credentials signed beforehand
 * @param algorithm of their signatures: RS256 or ES256
 * @param echo whether the echo takes part
 * @param uncached whether brokers with their caches off take part
 * @param refusals whether calls that are refused by the rules take part
 * @param go whether the broker in Go takes part
 * @param keycloak whether Keycloak takes part
 * @param dpop whether each call of the broker carries a DPoP proof
 * @param broker the broker, as {@link Program#parse} reads it; empty for none
 * @param executable the same as an executable, or any other, to take part beside it; empty for none
 * @param earlier what {@code broker} is compared with; empty for none
 * @param earlierExecutable what {@code executable} is compared with; empty for none
 * @param nativeHeap the heap of executables; empty for what they are built with
 */
record CompareOptions(
    int calls,
    int misses,
    int keycloakCalls,
    int warmUp,
    int keycloakWarmUp,
    int warmUpSeconds,
    int rounds,
    int callers,
    int credentials,
    JWSAlgorithm algorithm,
    boolean echo,
    boolean uncached,
    boolean refusals,
    boolean go,
    boolean keycloak,
    boolean dpop,
    String broker,
    String executable,
    String earlier,
    String earlierExecutable,
    String nativeHeap) {

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("calls", "200000"),
          Map.entry("misses", "60000"),
          Map.entry("keycloak-calls", "4000"),
          Map.entry("warm-up", "400000"),
          Map.entry("keycloak-warm-up", "20000"),
          Map.entry("warm-up-seconds", "1"),
          Map.entry("rounds", "3"),
          Map.entry("callers", "16"),
          Map.entry("credentials", "20000"),
          Map.entry("algorithm", "RS256"),
          Map.entry("echo", "true"),
          Map.entry("uncached", "true"),
          Map.entry("refusals", "false"),
          Map.entry("go", "true"),
          Map.entry("keycloak", "true"),
          Map.entry("dpop", "false"),
          Map.entry("broker", "target/quarkus-app/quarkus-run.jar"),
          Map.entry("native", ""),
          Map.entry("earlier", ""),
          Map.entry("earlier-native", ""),
          Map.entry("native-heap", "1g"));

  static CompareOptions parse(String[] args) {
    Map<String, String> given =
        Arrays.stream(args)
            .map(arg -> arg.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair.length > 1 ? pair[1] : ""));
    Set<String> unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(DEFAULTS.keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown: " + unknown + "; there are " + new TreeSet<>(DEFAULTS.keySet()));
    }
    return new CompareOptions(
        number(given, "calls"),
        number(given, "misses"),
        number(given, "keycloak-calls"),
        number(given, "warm-up"),
        number(given, "keycloak-warm-up"),
        number(given, "warm-up-seconds"),
        number(given, "rounds"),
        number(given, "callers"),
        number(given, "credentials"),
        JWSAlgorithm.parse(text(given, "algorithm")),
        Boolean.parseBoolean(text(given, "echo")),
        Boolean.parseBoolean(text(given, "uncached")),
        Boolean.parseBoolean(text(given, "refusals")),
        Boolean.parseBoolean(text(given, "go")),
        Boolean.parseBoolean(text(given, "keycloak")),
        Boolean.parseBoolean(text(given, "dpop")),
        text(given, "broker"),
        text(given, "native"),
        text(given, "earlier"),
        text(given, "earlier-native"),
        text(given, "native-heap"));
  }

  private static int number(Map<String, String> given, String name) {
    int number = Integer.parseInt(text(given, name));
    if (number < 1 || number > 10_000_000) {
      throw new IllegalArgumentException(name + " must be within 1 and 10 million");
    }
    return number;
  }

  private static String text(Map<String, String> given, String name) {
    String value = given.get(name);
    return value == null ? Objects.requireNonNull(DEFAULTS.get(name)) : value;
  }
}

package dev.tokenbroker.runtime;

import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.federation.FederationSettings;
import dev.tokenbroker.token.OwnIssuer;
import dev.tokenbroker.token.TokenSettings;
import dev.tokenbroker.upstream.UpstreamSettings;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.PreventFurtherStepsException;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Looks at the settings before anything is served: an unsafe one is named, a severe one stops the
 * start with what to do.
 */
@Singleton
final class StartupChecks {

  private static final Logger log = Logger.getLogger(StartupChecks.class);
  private static final int FIRST = 1;
  private static final int EXIT_CONFIGURATION = 78;

  private final ExchangeSettings exchange;
  private final FederationSettings federation;
  private final TokenSettings token;
  private final UpstreamSettings upstream;

  StartupChecks(
      ExchangeSettings exchange,
      FederationSettings federation,
      TokenSettings token,
      UpstreamSettings upstream) {
    this.exchange = exchange;
    this.federation = federation;
    this.token = token;
    this.upstream = upstream;
  }

  void onStart(@Observes @Priority(FIRST) StartupEvent event) {
    LaunchMode mode = LaunchMode.current();
    List<StartupRefusal> refusals = severe(mode);
    if (!refusals.isEmpty()) {
      log.fatal(StartupRefusal.describe(refusals));
      throw new PreventFurtherStepsException("settings", EXIT_CONFIGURATION);
    }
    if (mode == LaunchMode.NORMAL) {
      warnOfUnsafe();
    }
  }

  private void warnOfUnsafe() {
    if (token.issuer().filter(issuer -> issuer.startsWith("http:")).isPresent()) {
      log.warn(
          "token-broker.token.issuer is not https: verifiers would fetch our keys without TLS."
              + " Set it to the https URL of this broker.");
    }
    if (upstream.allowHttpToLoopback()) {
      log.warn(
          "token-broker.upstream.allow-http-to-loopback is on: keys are fetched from this machine without TLS."
              + " Leave it off in production.");
    }
  }

  private List<StartupRefusal> severe(LaunchMode mode) {
    List<StartupRefusal> refusals = new ArrayList<>();
    if (!OwnIssuer.isUsable(token)) {
      refusals.add(
          new StartupRefusal(
              "token-broker.token.issuer",
              "is missing or no URL that a discovery document can lie under.",
              "Set it to the https URL at which verifiers reach this broker, without query and fragment."));
    }
    if (federation.path().isEmpty()) {
      refusals.add(
          new StartupRefusal(
              "token-broker.federation.path",
              "is not set.",
              "Set it to the federation document, or to a directory of them."));
    }
    if (mode == LaunchMode.NORMAL && exchange.operatorsOnLoopback()) {
      refusals.add(
          new StartupRefusal(
              "token-broker.exchange.operators-on-loopback",
              "makes every caller on this machine an operator, and is for dev mode only.",
              "Remove it, and let a rule grant the scope operate for the audience token-broker."));
    }
    return refusals;
  }
}

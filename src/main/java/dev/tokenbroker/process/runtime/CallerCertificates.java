package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.SettingLimits;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;

/**
 * Makes the server ask callers for certificates if the settings say so, and names settings with
 * which callers could bypass that.
 */
@Singleton
final class CallerCertificates implements HttpServerOptionsCustomizer {

  private static final String KEY = "client-auth";

  private final TlsSettings settings;

  CallerCertificates(TlsSettings settings) {
    this.settings = settings;
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    // NONE must not weaken an application that was built to ask for certificates.
    if (settings.clientAuth() != ClientAuth.NONE) {
      options.setClientAuth(settings.clientAuth());
    }
  }

  /** The reasons why the broker does not start with that setting; empty if it may. */
  static List<UnfitSetting> refusals(
      ClientAuth asked, ServerCertificates certificates, PlainHttp plainHttp) {
    if (asked == ClientAuth.NONE) {
      return List.of();
    }
    String is = "is " + asked.name().toLowerCase(Locale.ROOT) + " ";
    return new SettingLimits("token-broker.tls.")
        .demand(
            certificates.own(),
            KEY,
            is + "without a certificate of the server's.",
            "Set quarkus.tls.key-store.")
        .demand(
            certificates.authorities(),
            KEY,
            is + "and nothing says whose certificates are good.",
            "Set the trust store beside the server's certificate, quarkus.tls.trust-store beside"
                + " quarkus.tls.key-store, to the authorities of your callers.")
        .demand(
            asked != ClientAuth.REQUIRED || plainHttp != PlainHttp.BESIDE_TLS,
            KEY,
            is + "and the plain port beside TLS asks nobody.",
            "Set quarkus.http.insecure-requests to disabled.")
        .unfit();
  }
}

package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.guard.PeerGuards;
import dev.tokenbroker.peers.oauth.OwnClient.Obtained;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.TestStore;
import io.smallrye.mutiny.Uni;
import java.time.InstantSource;
import java.util.List;

/** Own tokens without an application server. */
public final class TestOwnTokens {

  private TestOwnTokens() {}

  /** With the client {@code broker}, whose own tokens are {@code own}. */
  public static OwnTokens broker(GuardSettings guards) {
    return of(
        List.of(
            new Provider("broker", () -> Uni.createFrom().item(new FakeOidcClient()), () -> "")),
        guards,
        InstantSource.system(),
        ChangeListener.NONE);
  }

  static OwnTokens of(
      List<Provider> providers, GuardSettings guards, InstantSource clock, ChangeListener changes) {
    Roster alone = new Roster(false, new TestStore(), TestClocks.of(clock));
    return new OwnTokens(
        new Providers(providers),
        new Requests(clock),
        new PeerGuards(guards, alone, TestClocks.of(clock)),
        changes,
        TestClocks.of(clock));
  }

  /** Falls back as the annotation does; nothing here takes so long that it would time out. */
  private static final class Requests extends TokenRequests {

    Requests(InstantSource clock) {
      super(new ProviderAnswers(), clock);
    }

    @Override
    Obtained request(Provider provider) {
      try {
        return super.request(provider);
      } catch (NoOwnToken failed) {
        return nothing(provider, failed);
      }
    }
  }
}

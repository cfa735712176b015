package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.refusal.Deadline;

/** A place where a credential is. It is read anew for each exchange. */
@FunctionalInterface
public interface CredentialSource {

  /**
   * The credential that is there now. May wait for a program or a platform.
   *
   * @throws NoToken if there is none, or none that can be used
   */
  Credential read(Deadline deadline) throws NoToken;
}

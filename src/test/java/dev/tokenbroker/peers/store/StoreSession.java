package dev.tokenbroker.peers.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Has the applications of a test run share a real server, if {@link ChosenStore} says so: its
 * settings are system properties, which leave those of a test's profile alone.
 */
public final class StoreSession implements LauncherSessionListener {

  private @Nullable ValkeyServer server;

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    if (!ChosenStore.isServer()) {
      return;
    }
    try {
      Path directory = Files.createTempDirectory("store");
      server = ValkeyServer.start(directory);
      ValkeyServer.settings(directory, server.root(), server.address(), 2000)
          .forEach(System::setProperty);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    if (server != null) {
      server.close();
    }
  }
}

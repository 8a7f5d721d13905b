package dev.tokenmeter.storage;

import dev.tokenmeter.service.ServiceMain;

/** Runs the storage service alone. */
public final class StorageMain {
    private StorageMain() {}

    public static void main(String[] args) {
        ServiceMain.run(new StorageServiceFactory(), args);
    }
}

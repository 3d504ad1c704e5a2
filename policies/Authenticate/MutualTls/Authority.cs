namespace Gateway.Policies.Authenticate;

/// <summary>A declared authority, and what it stands for as its files are now.</summary>
internal sealed record Authority(string Name, Followed<Trust> Trust)
{
    /// <summary>The authority of a name that is declared. Shared by all policies, and kept over reloads as long as it is declared the same.</summary>
    public static Authority Open(string name, PolicyScope scope) => scope.Shared("authority/" + name, () =>
    {
        var options = scope.Authorities[name];
        IReadOnlyList<Material> materials = [options.Certificates, .. options.Revocation];
        var trust = scope.Kept($"authority/{name}/{options.RequireRevocation}/{string.Join('|', materials.Select(m => m.Identity))}", () => new Followed<Trust>(
            $"authority {name}",
            materials,
            (contents, now) => Authenticate.Trust.Of(contents, options.RequireRevocation, now),
            t => t.Expires,
            (t, now) => t.Complain(now)));
        var looked = scope.Clock.GetUtcNow();
        trust.Look(looked);
        if (trust.Current is null && trust.TroubleAt(looked) is { } trouble)
            scope.Error("GW2073", scope.PlaceOf(options, nameof(options.Certificates)), $"the authority '{name}' can't be used: {trouble}", "give it the PEM certificates of its root, and of those below it, and complete revocation lists");
        return new Authority(name, trust);
    });
}

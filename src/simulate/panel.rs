//! A panel of fictitious genes in the shape of PanelApp's API, version 1.

use serde_json::{Value, json};

/// One gene of a panel.
#[derive(Clone, Debug)]
pub struct PanelGene {
    /// Symbol.
    pub symbol: String,
    /// Ensembl gene.
    pub ensembl: String,
    /// HGNC id.
    pub hgnc: String,
    /// `20:100-200`, 1-based inclusive, without `chr`.
    pub location: String,
    /// `"3"` green, `"2"` amber, `"1"` and `"0"` red.
    pub confidence: &'static str,
    /// Mode of inheritance in PanelApp's words.
    pub moi: &'static str,
}

/// The panel as JSON.
pub fn panel(id: u32, name: &str, genes: &[PanelGene]) -> Value {
    json!({
        "id": id,
        "hash_id": format!("51{id:022}"),
        "name": name,
        "disease_group": "Simulated disorders",
        "disease_sub_group": "",
        "status": "public",
        "version": "1.4",
        "version_created": "2025-01-15T12:00:00.000000Z",
        "relevant_disorders": ["Simulated developmental disorder", "R9001", "HP:0001250"],
        "stats": {"number_of_genes": genes.len(), "number_of_strs": 0, "number_of_regions": 0},
        "types": [{
            "name": "GMS signed-off",
            "slug": "gms-signed-off",
            "description": "Simulated; no panel of any service"
        }],
        "genes": genes.iter().map(gene).collect::<Vec<_>>(),
        "strs": [],
        "regions": []
    })
}

fn gene(gene: &PanelGene) -> Value {
    let colour = match gene.confidence {
        "3" | "4" => "Expert Review Green",
        "2" => "Expert Review Amber",
        _ => "Expert Review Red",
    };
    json!({
        "gene_data": {
            "alias": [format!("{}-OLD", gene.symbol)],
            "biotype": "protein_coding",
            "hgnc_id": gene.hgnc,
            "gene_name": format!("simulated gene {}", gene.symbol),
            "omim_gene": null,
            "alias_name": null,
            "gene_symbol": gene.symbol,
            "hgnc_symbol": gene.symbol,
            "hgnc_release": "2017-11-03",
            // The capitals are PanelApp's.
            "ensembl_genes": {
                "GRch38": {"90": {"location": gene.location, "ensembl_id": gene.ensembl}},
                "GRch37": {"82": {"location": gene.location, "ensembl_id": gene.ensembl}}
            },
            "hgnc_date_symbol_changed": "2017-11-03"
        },
        "entity_type": "gene",
        "entity_name": gene.symbol,
        "confidence_level": gene.confidence,
        "penetrance": null,
        "mode_of_pathogenicity": null,
        "publications": [],
        "evidence": [colour],
        "phenotypes": ["Simulated developmental disorder"],
        "mode_of_inheritance": gene.moi,
        "tags": [],
        "transcript": null
    })
}
